"""Makes test/fixtures/gguf with the `gguf`, `sentencepiece` and `transformers` packages. Not part of the product and not run in CI.
Run: python test/oracle/make_gguf.py   (gguf 0.19, sentencepiece 0.2.3, transformers 5)"""
import base64, io, json, os, struct
import numpy as np
import gguf
from gguf.quants import quantize, dequantize
from gguf.constants import GGMLQuantizationType as Q, MODEL_ARCH, MODEL_ARCH_NAMES, GGML_QUANT_SIZES
from gguf.tensor_mapping import get_tensor_name_map
import sentencepiece as spm

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OUT = os.path.join(ROOT, 'fixtures', 'gguf')
os.makedirs(OUT, exist_ok=True)
b64 = lambda a: base64.b64encode(np.ascontiguousarray(a).tobytes()).decode()
rng = np.random.default_rng(7)

def save(name, value):
    with open(os.path.join(OUT, name), 'w', encoding='utf8') as f: json.dump(value, f, ensure_ascii=False, separators=(',', ':')); f.write('\n')

# Block formats: values of random bytes with sane scales, and bytes of random values where the package quantises.
def values(n):
    x = rng.normal(size=n).astype(np.float32) * np.float32(0.05)
    x[::97] *= 20; x[32:64] = 0; x[64:96] = 0.25; x[96:128] = np.abs(x[96:128])
    return x
blocks = {}
for kind in (Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.Q4_K, Q.Q5_K, Q.Q6_K):
    per, size = GGML_QUANT_SIZES[kind]
    n = 8 if per == 32 else 3
    raw = rng.integers(0, 256, size=(n, size), dtype=np.uint8)
    halves = {Q.Q4_0: [0], Q.Q4_1: [0, 2], Q.Q5_0: [0], Q.Q5_1: [0, 2], Q.Q8_0: [0], Q.Q4_K: [0, 2], Q.Q5_K: [0, 2], Q.Q6_K: [208]}[kind]
    for at in halves: raw[:, at:at + 2] = rng.normal(size=(n, 1)).astype(np.float16).view(np.uint8)
    entry = {'bytes': b64(raw), 'values': b64(dequantize(raw.reshape(-1), kind).astype(np.float32))}
    if per == 32:
        x = values(per * 16)
        entry['input'] = b64(x); entry['quantised'] = b64(quantize(x.reshape(1, -1), kind))
    blocks[kind.name] = entry
save('blocks.json', blocks)

# A small file written by the package, with every plain and a few quantised types.
writer = gguf.GGUFWriter(os.path.join(OUT, 'tiny-llama.gguf'), 'llama')
H, V, L, I = 64, 48, 2, 96
writer.add_name('tiny'); writer.add_license('apache-2.0'); writer.add_context_length(128); writer.add_embedding_length(H); writer.add_block_count(L); writer.add_feed_forward_length(I)
writer.add_head_count(4); writer.add_head_count_kv(2); writer.add_layer_norm_rms_eps(1e-5); writer.add_rope_freq_base(10000.0); writer.add_rope_dimension_count(16); writer.add_vocab_size(V)
tokens = ['<unk>', '<s>', '</s>'] + [chr(0x61 + i % 26) * (1 + i // 26) for i in range(V - 3)]
writer.add_tokenizer_model('gpt2'); writer.add_tokenizer_pre('gpt-2'); writer.add_token_list(tokens); writer.add_token_types([3, 3, 3] + [1] * (V - 3)); writer.add_token_merges(['a a', 'b b'])
writer.add_bos_token_id(1); writer.add_eos_token_id(2); writer.add_array('test.numbers', [1, 2, 3]); writer.add_bool('test.flag', True); writer.add_int64('test.negative', -5); writer.add_float64('test.double', 0.1)
expected = {}
def add(name, shape, kind):
    x = (rng.normal(size=shape) * 0.1).astype(np.float32)
    if kind == 'F32': writer.add_tensor(name, x); back = x
    elif kind == 'F16': writer.add_tensor(name, x.astype(np.float16)); back = x.astype(np.float16).astype(np.float32)
    else:
        q = quantize(x, Q[kind]); writer.add_tensor(name, q, raw_dtype=Q[kind]); back = dequantize(q, Q[kind])
    expected[name] = {'shape': list(shape), 'first': [float(v) for v in back.reshape(-1)[:4]], 'sum': float(back.astype(np.float64).sum())}
add('token_embd.weight', (V, H), 'Q8_0'); add('output_norm.weight', (H,), 'F32')
for i in range(L):
    for name, shape, kind in (('attn_norm', (H,), 'F32'), ('ffn_norm', (H,), 'F32'), ('attn_q', (H, H), 'Q4_0'), ('attn_k', (32, H), 'F16'), ('attn_v', (32, H), 'Q5_1'), ('attn_output', (H, H), 'BF16'), ('ffn_gate', (I, H), 'Q4_1'), ('ffn_up', (I, H), 'Q5_0'), ('ffn_down', (H, I), 'Q4_0')):
        add(f'blk.{i}.{name}.weight', shape, kind)
writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()
save('tiny-llama.json', {'tensors': expected})

# Hugging Face names as the package translates them.
NAMES = {
    'llama': ['model.embed_tokens', 'model.norm', 'lm_head', *[f'model.layers.3.{s}' for s in ('input_layernorm', 'post_attention_layernorm', 'self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj', 'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj')]],
    'qwen3': ['model.layers.3.self_attn.q_norm', 'model.layers.3.self_attn.k_norm'],
    'gemma2': [f'model.layers.3.{s}' for s in ('input_layernorm', 'post_attention_layernorm', 'pre_feedforward_layernorm', 'post_feedforward_layernorm')],
    'phi3': [f'model.layers.3.{s}' for s in ('self_attn.qkv_proj', 'self_attn.o_proj', 'mlp.gate_up_proj', 'mlp.down_proj')],
    'lfm2': ['model.embedding_norm', *[f'model.layers.3.{s}' for s in ('operator_norm', 'ffn_norm', 'conv.conv', 'conv.in_proj', 'conv.out_proj', 'self_attn.q_layernorm', 'self_attn.k_layernorm', 'self_attn.out_proj', 'feed_forward.w1', 'feed_forward.w2', 'feed_forward.w3')]],
    'gpt2': ['transformer.wte', 'transformer.wpe', 'transformer.ln_f', *[f'transformer.h.3.{s}' for s in ('ln_1', 'ln_2', 'attn.c_attn', 'attn.c_proj', 'mlp.c_fc', 'mlp.c_proj')]],
}
NAMES['gemma3'] = NAMES['gemma2'] + NAMES['qwen3']; NAMES['gemma'] = NAMES['qwen2'] = NAMES['smollm3'] = NAMES['llama']
archs = {v: k for k, v in MODEL_ARCH_NAMES.items()}
save('names.json', {a: {n: get_tensor_name_map(archs[a], 8).get_name(n) for n in names} for a, names in NAMES.items()})

# A SentencePiece BPE vocabulary with byte fallback, and what SentencePiece and transformers make of texts.
rows = [json.loads(l) for l in open(os.path.join(os.path.dirname(ROOT), 'resources', 'demo', 'data', 'instruct-dev.jsonl'), encoding='utf8')]
corpus = [m['content'] for r in rows for m in r.get('messages', [])][:3000]
TEXTS = ['Hello world', ' leading space', 'trailing space ', 'two  spaces', 'a\nb\n\nc', '\ttab', '', ' ', 'Größe naïve café', '北京 Москва مرحبا', 'emoji 🙂👍🏽', 'a<s>b', 'x</s> y', 'number 12345.67', "don't won't", '▁ itself', 'UPPER lower MiXeD', '\u200b zero width', 'e\u0301 combining'] + corpus[:120]
TEXTS += [''.join(chr(int(c)) for c in rng.choice([*range(32, 127), *range(0xa1, 0x17f), *range(0x400, 0x45f), *range(0x4e00, 0x4e40), 0x1f600, 0x1f64f, 0x10348], size=int(rng.integers(1, 40)))) for _ in range(150)]
spms = {}
for name, prefix in (('prefixed', True), ('bare', False)):
    model = io.BytesIO()
    spm.SentencePieceTrainer.train(sentence_iterator=iter(corpus), model_writer=model, vocab_size=700, model_type='bpe', byte_fallback=True, add_dummy_prefix=prefix, normalization_rule_name='identity', remove_extra_whitespaces=False, allow_whitespace_only_pieces=True, split_digits=True, user_defined_symbols=['<turn>'] if not prefix else [], num_threads=1, minloglevel=2)
    sp = spm.SentencePieceProcessor(model_proto=model.getvalue())
    kind = lambda i: 2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 5 if sp.is_unused(i) else 4 if sp.id_to_piece(i) == '<turn>' else 1
    n = sp.get_piece_size()
    plain = [t for t in TEXTS if '<s>' not in t and '</s>' not in t and '▁' not in t]
    spms[name] = {'tokens': [sp.id_to_piece(i) for i in range(n)], 'scores': [sp.get_score(i) for i in range(n)], 'types': [kind(i) for i in range(n)], 'prefix': prefix, 'texts': plain, 'ids': [sp.encode(t) for t in plain], 'decoded': [sp.decode(sp.encode(t)) for t in plain]}
save('sentence-piece.json', spms)
