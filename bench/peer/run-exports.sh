#!/bin/sh
# Exports the demo model with an adapter of a few steps, loads the files in transformers, peft, llama.cpp, gguf and onnxruntime-node, and appends what it measured to bench/results/peer-exports.jsonl.
# Needs python3 with venv and the Python package index; everything it makes is under $WORK. A second model: MODEL=<folder or .gguf file> NAME=<name> sh bench/peer/run-exports.sh
set -e
cd "$(dirname "$0")/../.."
mkdir -p "${WORK:=$(mktemp -d)}"
export PATH="$PWD/node_modules/.bin:$PATH" ANNEAL_HOME="$WORK/home"
anneal() { node --no-warnings src/main/cli.ts "$@"; }
RESULTS="$PWD/bench/results/peer-exports.jsonl"
PYTHON=${PYTHON:-$WORK/venv/bin/python}
if [ ! -x "$PYTHON" ]; then
  python3 -m venv "$WORK/venv"
  "$PYTHON" -m pip install -q torch transformers peft gguf llama-cpp-python numpy
fi

if [ -n "$MODEL" ]; then
  NAME=${NAME:-peer}; WHAT=$NAME; CHECKPOINT=-
  anneal model import "$MODEL" --name "$NAME"
else
  NAME=anneal-demo-base; WHAT=peer
  printf 'name: peer\nmethod: sft\nmodel: %s\ndata: { train: anneal-demo-train }\nadapter: { r: 8, lora_alpha: 16 }\ntrain: { learning_rate: 2.0e-3, max_steps: 12, per_device_train_batch_size: 4, max_length: 128, packing: true, eval_steps: 0 }\n' "$NAME" > "$WORK/recipe.yaml"
  CHECKPOINT=$(anneal train "$WORK/recipe.yaml" | sed -n 's/^checkpoint //p')
fi
FOLDER=$(anneal model list | awk -v n="$NAME" '$2 == n { print $NF }')
node --no-warnings bench/peer/export-answers.ts "$FOLDER" "$CHECKPOINT" LICENSE "$WORK/answers"
export_as() { anneal export "$WHAT" --quiet --format "$1" --type "$2" --out "$WORK/$1-$2"; }
export_as hf F32; export_as gguf F16; export_as gguf Q8_0; export_as onnx F32
KINDS="hf=$WORK/hf-F32 gguf-f16=$(ls "$WORK"/gguf-F16/*.gguf) gguf-q8=$(ls "$WORK"/gguf-Q8_0/*.gguf)"
if [ "$CHECKPOINT" != - ]; then export_as peft F32; KINDS="$KINDS base=$FOLDER peft=$WORK/peft-F32"; fi
"$PYTHON" bench/peer/exports.py "$WORK/answers" "$RESULTS" "$NAME" $KINDS
node bench/peer/exports-onnx.mjs "$WORK/answers" "$RESULTS" "$NAME" "$WORK/onnx-F32"
