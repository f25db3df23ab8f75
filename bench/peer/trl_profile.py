"""Where a step of TRL's goes: torch's profiler over one step of a run of trl_train.py, self times by operator, and the rates of its products beside the peak of square ones. Prints one JSON line.
Usage: trl_profile.py <spec.json>, the spec of trl_train.py; its last step is the one that is looked at, and it needs three or more."""
import json
import sys
import time

import torch
import torch.profiler as profiler
from transformers import TrainerCallback

spec = json.load(open(sys.argv[1]))
torch.set_num_threads(spec["threads"])
found = {}


class Looking(TrainerCallback):
    """Switches the profiler on for the last step."""

    def on_step_begin(self, args, state, *_, **__):
        self.watch = None
        if state.global_step == spec["steps"] - 1:
            self.watch = profiler.profile(activities=[profiler.ProfilerActivity.CPU], record_shapes=True, with_flops=True)
            self.watch.__enter__()
        self.begun = time.perf_counter()

    def on_step_end(self, args, state, *_, **__):
        took = (time.perf_counter() - self.begun) * 1000
        if self.watch is None:
            found.setdefault("plain_step_ms", []).append(took)
            return
        self.watch.__exit__(None, None, None)
        found["step_ms"] = took
        ops = {}
        for e in self.watch.key_averages():
            if e.self_cpu_time_total > 0:
                ops[e.key] = {"ms": e.self_cpu_time_total / 1000, "calls": e.count, "gflop": (e.flops or 0) / 1e9}
        found["ops"] = dict(sorted(ops.items(), key=lambda kv: -kv[1]["ms"])[:40])
        found["self_ms"] = sum(o["ms"] for o in ops.values())


def peak(dtype):
    """GFLOP/s of square products, the best of eight."""
    a, b = torch.randn(2048, 2048).to(dtype), torch.randn(2048, 2048).to(dtype)
    best = 0.0
    for _ in range(8):
        begun = time.perf_counter()
        torch.mm(a, b)
        best = max(best, 2 * 2048**3 / (time.perf_counter() - begun) / 1e9)
    return best


# Before the run, so that its threads and memory are not in the way.
found["peak_gflops"] = {"float32": peak(torch.float32), "bfloat16": peak(torch.bfloat16)}
source = open(__file__.replace("trl_profile.py", "trl_train.py")).read().replace("callbacks=[Clock()]", "callbacks=[Clock(), EXTRA]")
assert "EXTRA" in source
exec(compile(source, "trl_train.py", "exec"), {"__name__": "__main__", "EXTRA": Looking()})
found["capability"] = torch.backends.cpu.get_cpu_capability()
found["amx"] = torch.cpu._is_amx_tile_supported()
found["avx512_bf16"] = torch.cpu._is_avx512_bf16_supported()
print("\n" + json.dumps(found))
