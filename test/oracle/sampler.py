"""Reference distributions of transformers' logits processors, for test/engine/generate/sampler-oracle.test.ts: sampler.py > test/fixtures/oracle/sampler.json. Not run in CI.
The processors are taken as generate() itself builds them, so their order is transformers' own."""
import json
import math
import torch
import transformers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

VOCAB = 48
model = LlamaForCausalLM(LlamaConfig(vocab_size=VOCAB, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1, num_key_value_heads=1))
SETTINGS = [
    {}, {"temperature": 0.7}, {"temperature": 1.8}, {"top_k": 5}, {"top_p": 0.8}, {"top_p": 0.35}, {"min_p": 0.1}, {"repetition_penalty": 1.4}, {"repetition_penalty": 0.8},
    {"temperature": 0.6, "top_k": 12, "top_p": 0.9}, {"temperature": 1.5, "top_p": 0.9, "min_p": 0.05}, {"temperature": 1.3, "top_k": 20, "top_p": 0.95, "min_p": 0.08, "repetition_penalty": 1.2},
    {"top_k": 3, "top_p": 0.5}, {"top_p": 0.99, "min_p": 0.3}, {"temperature": 0.2, "top_k": 40, "repetition_penalty": 1.1},
]
cases = []
for row in range(3):
    logits = torch.tensor([[round(4 * math.sin(1.7 * i + row) + 2 * math.cos(0.37 * i * (row + 1)), 4) + i * 1e-4 for i in range(VOCAB)]], dtype=torch.float32)
    seen = [1, 5, 9, 30 + row]
    for s in SETTINGS:
        config = GenerationConfig(do_sample=True, temperature=s.get("temperature", 1.0), top_k=s.get("top_k", 0), top_p=s.get("top_p", 1.0), min_p=s.get("min_p"), repetition_penalty=s.get("repetition_penalty", 1.0))
        model._prepare_special_tokens(config, False, device="cpu")
        processors = model._get_logits_processor(config, input_ids_seq_length=len(seen), encoder_input_ids=None, prefix_allowed_tokens_fn=None, logits_processor=transformers.LogitsProcessorList())
        probabilities = torch.softmax(processors(torch.tensor([seen]), logits.clone()).double(), -1)[0]
        cases.append({"settings": s, "row": row, "probabilities": {str(i): p for i, p in enumerate(probabilities.tolist()) if p > 0}})
    cases[-1]["processors"] = [type(p).__name__ for p in processors]
rows = [[round(4 * math.sin(1.7 * i + row) + 2 * math.cos(0.37 * i * (row + 1)), 4) + i * 1e-4 for i in range(VOCAB)] for row in range(3)]
print(json.dumps({"transformers": transformers.__version__, "logits": rows, "seen": [[1, 5, 9, 30 + r] for r in range(3)], "cases": cases}))
