#!/usr/bin/env bash
# Measures a graphics card, also on a machine that has neither this repository nor a network.
#   bench/gpu.sh                  here: prints JSON lines, and appends them to bench/results/gpu.jsonl
#   bench/gpu.sh bundle FILE      packs Node, onnxruntime (CPU and WebGPU; CUDA where its files were fetched and CUDA=1) and the engine's source; prints the size
#   inside the unpacked bundle:   ./gpu.sh
# What is measured, and the options: bench/gpu/run.ts. Linux on x64.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"

pack() {
  local out root ort
  out="$(realpath -m "${1:?bench/gpu.sh bundle FILE.tar.xz}")"; root="$(dirname "$here")"; stage="$(mktemp -d)"
  trap 'rm -rf "${stage:-}"' EXIT
  mkdir -p "$stage/anneal/node_modules" "$stage/anneal/bench"
  cp -r "$root/src" "$root/package.json" "$root/LICENSE" "$stage/anneal/"
  rm -rf "$stage/anneal/src/renderer"
  cp -r "$root/bench/gpu" "$stage/anneal/bench/gpu"
  cp "$here/gpu.sh" "$stage/anneal/gpu.sh"
  cp "$(realpath "$root/node_modules/.bin/node")" "$stage/anneal/node"
  if command -v strip >/dev/null; then strip "$stage/anneal/node" 2>/dev/null || true; fi
  ort=node_modules/onnxruntime-node
  mkdir -p "$stage/anneal/$ort/bin/napi-v6/linux"
  cp -r "$root/$ort/package.json" "$root/$ort/dist" "$stage/anneal/$ort/"
  cp -r "$root/$ort/bin/napi-v6/linux/x64" "$stage/anneal/$ort/bin/napi-v6/linux/"
  if [ "${CUDA:-0}" != 1 ]; then rm -f "$stage/anneal/$ort/bin/napi-v6/linux/x64/"libonnxruntime_providers_*; fi
  for p in onnxruntime-common zod yaml @huggingface/tokenizers @huggingface/jinja; do mkdir -p "$stage/anneal/node_modules/$p"; cp -r "$root/node_modules/$p/." "$stage/anneal/node_modules/$p/"; done
  find "$stage/anneal/node_modules" \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete
  tar -C "$stage" -c anneal | xz -T2 -6 > "$out"
  echo "$out: $(stat -c %s "$out") bytes, $(( $(stat -c %s "$out") / 1048576 )) MiB packed, $(du -sm "$stage/anneal" | cut -f1) MiB unpacked"
}

if [ "${1:-}" = bundle ]; then pack "${2:-}"; exit 0; fi
if [ -x "$here/node" ]; then cd "$here"; exec ./node bench/gpu/run.ts; fi
cd "$here/.."
mkdir -p bench/results
PATH="$PWD/node_modules/.bin:$PATH" node bench/gpu/run.ts | tee -a bench/results/gpu.jsonl
