"""Greedy decode speed of llama.cpp: decode_llama_cpp.py <model.gguf> <threads> <batch> <prompt>. Each line "<n>" on stdin: reads the prompt anew, makes n tokens a row one by one, prints
milliseconds for the n steps (evaluation only, as llama-bench counts; the choice of the largest logit is included)."""
import ctypes
import sys
import time
import numpy as np
import llama_cpp as L

path, threads, batch, prompt = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
L.llama_backend_init()
quiet = L.llama_log_callback(lambda level, text, data: None)
L.llama_log_set(quiet, ctypes.c_void_p(0))
mp = L.llama_model_default_params()
mp.n_gpu_layers = 0
model = L.llama_model_load_from_file(path.encode(), mp)
cp = L.llama_context_default_params()
cp.n_ctx, cp.n_batch, cp.n_ubatch = 1024 * batch, 2048, 512
cp.n_seq_max, cp.n_threads, cp.n_threads_batch = batch, threads, threads
ctx = L.llama_init_from_model(model, cp)
vocab = L.llama_vocab_n_tokens(L.llama_model_get_vocab(model))
work = L.llama_batch_init(2048, 0, batch)

def put(i, token, pos, seq, logits):
    work.token[i], work.pos[i], work.n_seq_id[i], work.logits[i] = token, pos, 1, logits
    work.seq_id[i][0] = seq

print("ready", flush=True)
for line in sys.stdin:
    count = int(line)
    L.llama_memory_clear(L.llama_get_memory(ctx), True)
    tokens = []
    for s in range(batch):
        for i in range(prompt):
            put(i, 2 + (i * 7 + s * 13) % 1000, i, s, i == prompt - 1)
        work.n_tokens = prompt
        assert L.llama_decode(ctx, work) == 0
        logits = np.ctypeslib.as_array(L.llama_get_logits_ith(ctx, prompt - 1), (vocab,))
        tokens.append(int(logits.argmax()))
    start = time.perf_counter()
    for step in range(count):
        for s in range(batch):
            put(s, tokens[s], prompt + step, s, True)
        work.n_tokens = batch
        assert L.llama_decode(ctx, work) == 0
        tokens = [int(np.ctypeslib.as_array(L.llama_get_logits_ith(ctx, s), (vocab,)).argmax()) for s in range(batch)]
    print((time.perf_counter() - start) * 1000, flush=True)
