"""The other side of rewards.ts: transformers and peft load reward models that this project wrote and score the same ids; and write one that this project reads.

    python rewards_peft.py <folder>   reads cases.json, writes peft.json and the model folder `made`
"""

import json
import shutil
import sys
import warnings
from pathlib import Path

import peft
import torch
import transformers
from peft import PeftModel
from transformers import AutoModelForSequenceClassification

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
folder = Path(sys.argv[1])
given = json.loads((folder / "cases.json").read_text())


def classifier(path, **more):
    return AutoModelForSequenceClassification.from_pretrained(path, dtype=torch.float32, attn_implementation="eager", **more).eval()


@torch.no_grad()
def alone(model):
    return [[model(torch.tensor([ids])).logits[0, 0].item() for ids in row] for row in given["rows"]]


@torch.no_grad()
def batched(model):
    """Chosen and rejected of a row in one batch, padded at the right with the config's padding token."""
    pad = model.config.pad_token_id
    if pad is None:
        return None
    out = []
    for row in given["rows"]:
        longest = max(map(len, row))
        ids = torch.tensor([r + [pad] * (longest - len(r)) for r in row])
        mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in row])
        out.append(model(ids, attention_mask=mask).logits[:, 0].tolist())
    return out


cases = []
for case in given["cases"]:
    if case["kind"] == "full":
        model = classifier(case["folder"])
    else:
        model = PeftModel.from_pretrained(classifier(case["base"], num_labels=1), case["folder"]).eval()
    cases.append({"name": case["name"], "alone": alone(model), "batched": batched(model)})

torch.manual_seed(5)
made = classifier(given["cases"][0]["base"], num_labels=1)
torch.nn.init.normal_(made.score.weight, std=0.5)
made.save_pretrained(given["made"])
for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
    shutil.copy(Path(given["cases"][0]["base"]) / name, given["made"])
answer = {"versions": {"transformers": transformers.__version__, "peft": peft.__version__}, "cases": cases, "made": alone(made)}
(folder / "peft.json").write_text(json.dumps(answer))
