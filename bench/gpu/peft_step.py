"""PyTorch with PEFT on the same weights and rows: peft_step.py <model> <rows.json> <fp32|fp16> <steps> <tokens>. LoRA r=16 on all linear layers, AdamW, no checkpointing. One JSON line."""
import json
import sys
import time

try:
    import peft
    import torch
    import transformers
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM
except ImportError as e:
    print(json.dumps({"error": f"not installed: {e.name}"}))
    sys.exit(1)

folder, rows_file, precision, steps, tokens = sys.argv[1:6]
if not torch.cuda.is_available():
    print(json.dumps({"error": "torch sees no CUDA device"}))
    sys.exit(1)
transformers.logging.set_verbosity_error()
torch.backends.cuda.matmul.allow_tf32 = False
device = "cuda"
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").to(device)
model.config.use_cache = False
model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=16, lora_alpha=32, target_modules="all-linear"))
ids = torch.tensor(json.load(open(rows_file)), device=device)
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4, weight_decay=0.0)
half = precision == "fp16"
scaler = torch.amp.GradScaler(device, enabled=half)
losses, ms = [], []


def step():
    with torch.autocast(device, dtype=torch.float16, enabled=half):
        loss = model(input_ids=ids, labels=ids).loss
    optimizer.zero_grad(set_to_none=True)
    scaler.scale(loss).backward()
    scaler.unscale_(optimizer)
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.requires_grad], 1.0)
    scaler.step(optimizer)
    scaler.update()
    return loss.item()


model.train()
for i in range(int(steps) + 2):
    torch.cuda.synchronize()
    t = time.perf_counter()
    losses.append(step())
    torch.cuda.synchronize()
    if i >= 2:
        ms.append((time.perf_counter() - t) * 1000)
peak = torch.cuda.max_memory_reserved()
model.eval()
model.config.use_cache = True
with torch.no_grad():
    for round in range(2):
        torch.cuda.synchronize()
        t = time.perf_counter()
        out = model.generate(input_ids=ids[:1, :64], max_new_tokens=int(tokens), min_new_tokens=int(tokens), do_sample=False)
        torch.cuda.synchronize()
        decode = (out.shape[1] - 64) / (time.perf_counter() - t)
print(json.dumps({"step_ms": ms, "losses": losses, "decode_tokens_per_second": decode, "peak_bytes": peak, "torch": torch.__version__, "peft": peft.__version__, "card": torch.cuda.get_device_name()}))
