"""Records golden numbers of architectures from transformers into test/fixtures/oracle/golden-arch-2.jsonl.

Not run by the tests. Needs torch and transformers:  python test/oracle/make_architectures.py
Weights come from the formula of test/parity/golden-model.ts. Each line has the config as transformers writes it, the parameter
count, mean NLL and logits of eight fixed ids, the gradient norm of that NLL, and greedy continuations of two prompts.
"""
import json
import math
from pathlib import Path

import torch
import transformers
from transformers import AutoModelForCausalLM, GPT2Config, LlamaConfig, Phi3Config, Qwen2Config, Gemma3TextConfig, Lfm2Config, Qwen3Config

OUT = Path(__file__).parent.parent / 'fixtures' / 'oracle' / 'golden-arch-2.jsonl'
KNOWN = Path(__file__).parent.parent / 'fixtures' / 'oracle' / 'golden-arch.txt'
IDS = [2, 5, 9, 13, 17, 21, 25, 29]
PROMPTS = [[2, 5, 9, 13, 17, 21], [3, 7]]
BASE = dict(vocab_size=32, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
            pad_token_id=0, eos_token_id=1, bos_token_id=None)
LLAMA = dict(BASE, tie_word_embeddings=False, rms_norm_eps=1e-6)
LONG = dict(short_factor=[1.0, 1.3], long_factor=[2.0, 5.0], rope_theta=10000.0)

ROWS = {
    'gpt2': GPT2Config(vocab_size=32, n_embd=16, n_layer=2, n_head=4, n_positions=64, pad_token_id=0, eos_token_id=1, bos_token_id=None),
    'gpt2_scaled_layers': GPT2Config(vocab_size=32, n_embd=16, n_layer=2, n_head=4, n_positions=64, n_inner=24, scale_attn_by_inverse_layer_idx=True, activation_function='gelu',
                                     tie_word_embeddings=False, pad_token_id=0, eos_token_id=1, bos_token_id=None),
    'phi3': Phi3Config(**dict(LLAMA, num_key_value_heads=4)),
    'phi3_partial': Phi3Config(**dict(LLAMA, hidden_size=32), rope_parameters=dict(rope_type='default', rope_theta=10000.0, partial_rotary_factor=0.75)),
    'phi3_longrope_short': Phi3Config(**LLAMA, original_max_position_embeddings=32, rope_parameters=dict(LONG, rope_type='longrope', original_max_position_embeddings=32)),
    'phi3_longrope_long': Phi3Config(**LLAMA, original_max_position_embeddings=7, sliding_window=6, rope_parameters=dict(LONG, rope_type='longrope', original_max_position_embeddings=7)),
    'llama_rope_dynamic': LlamaConfig(**dict(LLAMA, max_position_embeddings=5), rope_parameters=dict(rope_type='dynamic', rope_theta=10000.0, factor=2.0)),
    'llama_bias': LlamaConfig(**LLAMA, attention_bias=True, mlp_bias=True),
    'qwen2_window': Qwen2Config(**LLAMA, use_sliding_window=True, sliding_window=3, max_window_layers=1),
    'qwen3_bias': Qwen3Config(**LLAMA, head_dim=6, attention_bias=True),
    'gemma3_scaled_global': Gemma3TextConfig(**BASE, head_dim=8, query_pre_attn_scalar=8, sliding_window=3, final_logit_softcapping=2.0, attn_logit_softcapping=1.5,
                                             layer_types=['full_attention', 'sliding_attention'],
                                             rope_parameters=dict(full_attention=dict(rope_type='linear', factor=8.0, rope_theta=1e6), sliding_attention=dict(rope_type='default', rope_theta=1e4))),
    'lfm2_bias': Lfm2Config(**BASE, layer_types=['full_attention', 'conv'], block_auto_adjust_ff_dim=True, block_multiple_of=8, conv_bias=True, conv_L_cache=4),
}
CHECKED = {'llama': LlamaConfig(**LLAMA), 'qwen2': Qwen2Config(**LLAMA)}


def fill(model):
    """The formula, over the parameters sorted by name; Gemma's norms multiply by 1 + weight."""
    gemma = 'Gemma' in type(model).__name__
    for p, (name, tensor) in enumerate(sorted(model.named_parameters())):
        i = torch.arange(tensor.numel(), dtype=torch.float64)
        v = torch.sin(0.7 * (i + 1) + 1.3 * (p + 1))
        value = (0.1 * v if gemma else 1 + 0.1 * v) if 'norm' in name else 0.3 * v
        tensor.data.copy_(value.reshape(tensor.shape).float())


def record(name, config):
    config._attn_implementation = 'eager'
    model = AutoModelForCausalLM.from_config(config, attn_implementation='eager').float().eval()
    fill(model)
    ids = torch.tensor([IDS])
    out = model(ids, labels=ids)
    out.loss.backward()
    norm = math.sqrt(sum(float(p.grad.double().pow(2).sum()) for p in model.parameters() if p.grad is not None))
    greedy = []
    for prompt in PROMPTS:
        tokens = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), max_new_tokens=10, min_new_tokens=10, do_sample=False,
                                eos_token_id=None, suppress_tokens=None)
        greedy.append(tokens[0, len(prompt):].tolist())
    logits = out.logits[0].double()
    return dict(arch=name, n_params=sum(p.numel() for p in model.parameters()), nll=float(out.loss), last_logits_0_5=logits[-1, :6].tolist(), first_logits_0_3=logits[0, :4].tolist(),
                grad_norm=norm, prompts=PROMPTS, greedy=greedy, config=json.loads(config.to_json_string(use_diff=True)), transformers=transformers.__version__, torch=torch.__version__)


for line in KNOWN.read_text().splitlines():
    known = json.loads(line) if line.startswith('{') else {}
    if known.get('arch') in CHECKED:
        got = record(known['arch'], CHECKED[known['arch']])
        assert abs(got['nll'] - known['nll']) < 1e-5, (known['arch'], got['nll'], known['nll'])
OUT.write_text(''.join(json.dumps(record(name, config)) + '\n' for name, config in ROWS.items()))
print(OUT.read_text())
