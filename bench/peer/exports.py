"""Loads exported files in transformers, peft, llama.cpp and gguf and compares them with what the app answered (export-answers.ts).

Usage: python exports.py <answers folder> <results.jsonl> <label> kind=path ...
Kinds: hf (merged folder, float32), hf-rounded, peft (adapter folder; needs base=path), gguf-f16, gguf-f32, gguf-q8.
"""
import json
import math
import sys
import time

import numpy as np

answers, results, label = sys.argv[1:4]
paths = dict(a.split("=", 1) for a in sys.argv[4:])
ours = json.load(open(f"{answers}/answers.json"))
logits = np.fromfile(f"{answers}/logits.f32", dtype="<f4").reshape(-1, ours["vocabulary"])
prompts = ours["prompts"]


def record(name, value, unit, least=None, most=None, **detail):
    meets = None if least is None and most is None else bool(value >= least if least is not None else value <= most)
    line = {"name": name, "model": label, "value": value, "unit": unit, "target": {"at": "least" if least is not None else "most", "value": least if least is not None else most}, "meets": meets, "detail": detail, "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    with open(results, "a") as f:
        f.write(json.dumps(line) + "\n")
    print(name, label, value, unit, "meets" if meets else "MISSED" if meets is False else "", detail, flush=True)


def with_torch(name, path, base=None):
    import torch
    import transformers
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(2)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__}
    model = AutoModelForCausalLM.from_pretrained(base or path, dtype=torch.float32)
    if base:
        import peft

        versions["peft"] = peft.__version__
        model = peft.PeftModel.from_pretrained(model, path)
    model.eval()
    worst = 0.0
    equal = 0
    with torch.no_grad():
        for i, p in enumerate(prompts):
            out = model(torch.tensor([p["ids"]])).logits[0, -1].numpy()
            worst = max(worst, float(np.abs(out - logits[i]).max()))
        asked = [p for p in prompts if p["greedy"] is not None]
        for p in asked:
            ids = list(p["ids"])
            for _ in p["greedy"]:
                ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
            equal += ids[len(p["ids"]):] == p["greedy"]
    tokenizer = AutoTokenizer.from_pretrained(path)
    same_ids = sum(tokenizer(p["text"], add_special_tokens=False)["input_ids"][-len(p["ids"]):] == p["ids"] for p in prompts)
    record(f"{name}: largest difference of a logit", worst, "logit", most=1e-4 if name != "hf-rounded" else None, prompts=len(prompts), largest_logit=float(np.abs(logits).max()), **versions)
    record(f"{name}: same greedy text", equal / len(asked), "share", prompts=len(asked), tokens=len(asked[0]["greedy"]), **versions)
    record(f"{name}: same token ids from the exported tokenizer", same_ids / len(prompts), "share", prompts=len(prompts), **versions)


def llama(path, n_ctx=512):
    import llama_cpp

    return llama_cpp.Llama(model_path=path, n_ctx=n_ctx, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False, type_k=0, type_v=0), llama_cpp.__version__


def greedy_in_llama(name, path):
    model, version = llama(path)
    equal = tokens = agree = 0
    asked = [p for p in prompts if p["greedy"] is not None]
    for p in asked:
        model.reset()
        model.eval(p["ids"])
        out = []
        for _ in p["greedy"]:
            out.append(int(np.argmax(model.scores[model.n_tokens - 1])))
            if len(out) < len(p["greedy"]):
                model.eval(out[-1:])
        same = 0
        while same < len(out) and out[same] == p["greedy"][same]:
            same += 1
        equal += same == len(out)
        agree += same
        tokens += len(out)
    record(f"{name}: same greedy text in llama.cpp", equal / len(asked), "share", least=1.0 if name in ("gguf-f16", "gguf-f32") else None, prompts=len(asked), tokens=tokens, tokens_before_first_difference=agree, llama_cpp_python=version)


def perplexity_in_llama(name, path):
    if not ours["windows"]:
        return
    model, version = llama(path)
    loss = 0.0
    for window in ours["windows"]:
        model.reset()
        model.eval(window)
        rows = np.asarray(model.scores[: len(window)], dtype=np.float64)
        rows = rows[:-1] - rows[:-1].max(axis=1, keepdims=True)
        chosen = rows[np.arange(len(window) - 1), window[1:]]
        loss += float((np.log(np.exp(rows).sum(axis=1)) - chosen).sum())
    theirs = math.exp(loss / ours["scored"])
    record(f"{name}: perplexity in llama.cpp against the checkpoint in the app", theirs / ours["perplexity"] - 1, "relative", llama_cpp=theirs, app=ours["perplexity"], tokens=ours["scored"], llama_cpp_python=version)
    if name == "gguf-q8":
        record(f"{name}: perplexity off by", abs(theirs / ours["perplexity"] - 1), "relative", most=0.01, llama_cpp_python=version)


def tokens_in_llama(name, path):
    import llama_cpp

    model = llama_cpp.Llama(model_path=path, vocab_only=True, verbose=False)
    same = sum(model.tokenize(p["text"].encode("utf-8"), add_bos=False, special=True)[-len(p["ids"]):] == p["ids"] for p in prompts)
    record(f"{name}: same token ids in llama.cpp", same / len(prompts), "share", prompts=len(prompts), llama_cpp_python=llama_cpp.__version__)


def read_by_gguf(name, path):
    import gguf

    reader = gguf.GGUFReader(path)
    record(f"{name}: read by the gguf package", len(reader.tensors), "tensors", least=1, keys=len(reader.fields))


for kind, path in [(k, p) for k, p in paths.items() if k != "base"]:
    try:
        if kind in ("hf", "hf-rounded"):
            with_torch(kind, path)
        elif kind == "peft":
            with_torch(kind, path, paths["base"])
        elif kind in ("gguf-f16", "gguf-f32", "gguf-q8"):
            read_by_gguf(kind, path)
            tokens_in_llama(kind, path)
            greedy_in_llama(kind, path)
            perplexity_in_llama(kind, path)
    except Exception as e:  # a tool that refuses the files is a result
        record(f"{kind}: failed", 0, "loaded", least=1, error=f"{type(e).__name__}: {e}"[:400])
