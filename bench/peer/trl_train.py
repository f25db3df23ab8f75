"""One run of TRL for the training rows: SFTTrainer, DPOTrainer or RewardTrainer as its documentation uses them, in the order of the file. Prints one JSON line. Usage: trl_train.py <spec.json>"""
import json
import sys
import time

BEGUN = time.perf_counter()
spec = json.load(open(sys.argv[1]))

import torch  # noqa: E402

torch.set_num_threads(spec["threads"])
import accelerate  # noqa: E402
import peft  # noqa: E402
import transformers  # noqa: E402
import trl  # noqa: E402
from datasets import load_dataset  # noqa: E402
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer, TrainerCallback  # noqa: E402

CLASSES = {"sft": (trl.SFTConfig, trl.SFTTrainer), "dpo": (trl.DPOConfig, trl.DPOTrainer), "reward": (trl.RewardConfig, trl.RewardTrainer)}
Config, Trainer = CLASSES[spec["method"]]
report = {"step_ms": [], "losses": [], "tokens": [], "slots": [], "start_seconds": 0.0, "reference_seconds": 0.0}


class Recording(Trainer):
    """Keeps the loss in full precision (the log rounds it) and counts tokens; nothing else is changed."""

    def training_step(self, model, inputs, *args, **kwargs):
        ids = inputs["input_ids"]
        report["slots"].append(ids.numel())
        report["tokens"].append(int(inputs["attention_mask"].sum()) if "attention_mask" in inputs else ids.numel())
        loss = super().training_step(model, inputs, *args, **kwargs)
        report["losses"].append(float(loss))
        return loss

    if spec["method"] == "dpo":

        def _precompute_ref_logps(self, *args, **kwargs):
            begun = time.perf_counter()
            result = super()._precompute_ref_logps(*args, **kwargs)
            report["reference_seconds"] += time.perf_counter() - begun
            return result


class Clock(TrainerCallback):
    def on_train_begin(self, *_, **__):
        self.at = time.perf_counter()
        report["start_seconds"] = self.at - BEGUN - report["reference_seconds"]

    def on_step_end(self, *_, **__):
        now = time.perf_counter()
        report["step_ms"].append((now - self.at) * 1000)
        self.at = now


tokenizer = AutoTokenizer.from_pretrained(spec["model"])
if tokenizer.pad_token is None:
    tokenizer.pad_token = tokenizer.eos_token
if spec["method"] == "reward":
    model = AutoModelForSequenceClassification.from_pretrained(spec["model"], dtype=torch.float32, num_labels=1)
    model.config.pad_token_id = tokenizer.pad_token_id
else:
    model = AutoModelForCausalLM.from_pretrained(spec["model"], dtype=torch.float32)
if spec["adapter"] is not None:
    model = peft.PeftModel.from_pretrained(model, spec["adapter"], is_trainable=True)

rows = load_dataset("json", data_files=spec["data"], split="train")
if spec["method"] == "dpo":
    # No more rows than the run reads: the reference is computed for all that are given.
    rows = rows.select(range(min(len(rows), spec["steps"] * spec["batch"])))
options = {"packing": spec["packing"]} if spec["method"] == "sft" else {}
if spec["method"] == "dpo":
    options["precompute_ref_log_probs"] = spec["precompute"]
args = Config(
    output_dir=sys.argv[1] + ".out", use_cpu=True, bf16=spec["bf16"], gradient_checkpointing=spec["checkpointing"], max_steps=spec["steps"], per_device_train_batch_size=spec["batch"], max_length=spec["max_length"],
    learning_rate=spec["learning_rate"], lr_scheduler_type="constant", warmup_steps=0, weight_decay=0.0, train_sampling_strategy="sequential", logging_steps=1, save_strategy="no", report_to="none", disable_tqdm=True, seed=42, **options,
)
trainer = Recording(model=model, args=args, train_dataset=rows, processing_class=tokenizer, callbacks=[Clock()])
trainer.train()
with open("/proc/self/status") as status:
    report["peak_rss"] = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
report["versions"] = {"python": sys.version.split()[0], **{m.__name__: m.__version__ for m in (torch, transformers, trl, peft, accelerate)}}
print("\n" + json.dumps(report))
