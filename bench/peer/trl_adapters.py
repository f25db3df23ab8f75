"""Writes the adapters that both sides begin with: <folder>/<model>/adapter (language model) and adapter-reward (with a scalar head). Usage: trl_adapters.py <models folder>"""
import os
import sys

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

for name in sorted(os.listdir(sys.argv[1])):
    folder = os.path.join(sys.argv[1], name)
    for kind, out in (("CAUSAL_LM", "adapter"), ("SEQ_CLS", "adapter-reward")):
        path = os.path.join(sys.argv[1], "..", "adapters", name, out)
        if os.path.exists(path):
            continue
        torch.manual_seed(7)
        if kind == "CAUSAL_LM":
            model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
        else:
            model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, num_labels=1)
        config = LoraConfig(task_type=kind, r=16, lora_alpha=32, lora_dropout=0.0, target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], modules_to_save=None if kind == "CAUSAL_LM" else ["score"])
        get_peft_model(model, config).save_pretrained(path)
