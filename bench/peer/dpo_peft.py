"""The other side of dpo-adapters.ts: PEFT loads adapters that preference training wrote, and sums the log-probabilities of the same answers: with the adapter, merged, and without it (the reference).

    python dpo_peft.py <folder>   reads cases.json, writes peft.json
"""

import json
import sys
import warnings
from pathlib import Path

import torch
from adapters_peft import base, versions
from peft import PeftModel

folder = Path(sys.argv[1])
given = json.loads((folder / "cases.json").read_text())


@torch.no_grad()
def sums(model, rows):
    """[chosen, rejected] of each row in nats: over the tokens after the prompt, each answer alone."""
    out = []
    for row in rows:
        pair = []
        for answer in row:
            ids = torch.tensor([answer["ids"]])
            logp = model(ids).logits[0, :-1].log_softmax(-1)
            own = logp.gather(1, ids[0, 1:, None])[:, 0]
            pair.append(own[answer["prompt"] - 1 :].double().sum().item())
        out.append(pair)
    return out


cases = {}
for case in given["cases"]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = PeftModel.from_pretrained(base(case["base"]), case["adapter"]).eval()
    with_adapter = sums(model, given["rows"])
    with model.disable_adapter():
        without = sums(model, given["rows"])
    merged = sums(model.merge_and_unload(), given["rows"])
    complaints = [str(w.message)[:200] for w in caught if "missing" in str(w.message).lower() or "unexpected" in str(w.message).lower()]
    cases[case["name"]] = {"adapter": with_adapter, "merged": merged, "base": without, "complaints": complaints}
(folder / "peft.json").write_text(json.dumps({"versions": versions(), "cases": cases}))
