"""Greedy decode speed of transformers, float32 on the CPU, use_cache: decode_transformers.py <model folder> <threads> <batch> <prompt>. Each line "<n>" on stdin: reads the prompt anew,
then makes n tokens a row one by one and prints milliseconds for the n steps. The loop is the smallest that decodes (model forward with past_key_values and argmax): generate() itself is slower."""
import sys
import time
import torch
from transformers import AutoModelForCausalLM

folder, threads, batch, prompt = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
model.eval()
ids = torch.tensor([[2 + (i * 7 + s * 13) % 1000 for i in range(prompt)] for s in range(batch)])
print("ready", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        count = int(line)
        out = model(ids, use_cache=True, logits_to_keep=1)
        past, token = out.past_key_values, out.logits[:, -1].argmax(-1, keepdim=True)
        start = time.perf_counter()
        for _ in range(count):
            out = model(token, past_key_values=past, use_cache=True, logits_to_keep=1)
            past, token = out.past_key_values, out.logits[:, -1].argmax(-1, keepdim=True)
        print((time.perf_counter() - start) * 1000, flush=True)
