"""The other side of adapters.ts: real PEFT loads adapters that this project wrote, and writes adapters that this project then reads.

    python adapters_peft.py check <folder>   reads cases.json (model, adapter, prompts), writes peft.json with logits of each
    python adapters_peft.py make <folder>    reads wanted.json (model, LoraConfig), writes adapters with random values, and their logits
"""

import json
import sys
import warnings
from pathlib import Path

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()


def base(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


@torch.no_grad()
def logits(model, prompts):
    return [model(torch.tensor([p])).logits[0, -1].tolist() for p in prompts]


def check(folder):
    cases = json.loads((folder / "cases.json").read_text())
    out = {}
    for case in cases["cases"]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model = PeftModel.from_pretrained(base(case["model"]), case["adapter"]).eval()
        own = logits(model, cases["prompts"])
        merged = logits(model.merge_and_unload(), cases["prompts"])
        missing = [str(w.message)[:200] for w in caught if "missing" in str(w.message).lower() or "unexpected" in str(w.message).lower()]
        out[case["name"]] = {"logits": own, "merged": merged, "complaints": missing}
    (folder / "peft.json").write_text(json.dumps({"versions": versions(), "cases": out}))


def make(folder):
    wanted = json.loads((folder / "wanted.json").read_text())
    out = {}
    for index, case in enumerate(wanted["cases"]):
        torch.manual_seed(index)
        model = get_peft_model(base(case["model"]), LoraConfig(task_type="CAUSAL_LM", **case["config"])).eval()
        with torch.no_grad():
            for p in model.parameters():
                if p.requires_grad:
                    p.add_(torch.randn_like(p) * 0.05)
        model.save_pretrained(case["adapter"])
        out[case["name"]] = {"logits": logits(model, wanted["prompts"])}
    (folder / "made.json").write_text(json.dumps({"versions": versions(), "cases": out}))


def versions():
    return {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__}


if __name__ == "__main__":
    {"check": check, "make": make}[sys.argv[1]](Path(sys.argv[2]))
