/** Runs in a process of its own: every op and composite of the registries on webgpu against the CPU provider. Prints one JSON line per case, before and after, so that a crash names its case. */

import { dims, elementCount, toFloat64 } from '../../src/main/engine/graph/dtype.ts';
import { fnSamples } from '../../src/main/engine/graph/fn/samples.ts';
import { fusedOps, ops } from '../../src/main/engine/graph/ops/index.ts';
import { gradients } from '../../src/main/engine/graph/passes/autodiff.ts';
import { Sampler } from '../../src/main/engine/graph/sample.ts';
import { offDevice, recordPlacement } from '../../src/main/engine/runtime/placement.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { buildCase, distance, opBuild, type Build, type Built } from '../graph/op-harness.ts';
import type { SampleInput } from '../../src/main/engine/graph/op.ts';

const say = (record: object): void => { process.stdout.write(`${JSON.stringify(record)}\n`); };

async function compare(name: string, what: string, built: Built): Promise<void> {
  say({ at: name, what });
  const recorder = recordPlacement();
  let worst = 0;
  try {
    const [cpu, gpu] = [await compile(built.graph, { threads: 1 }), await compile(built.graph, { provider: 'webgpu', threads: 1, profile: recorder.profile })];
    try {
      const expected = await cpu.run(built.feeds), got = await gpu.run(built.feeds);
      worst = Math.max(0, ...Object.entries(expected).map(([key, e]) => { const r = got[key]; return r ? distance(toFloat64(r.dtype, r.data), toFloat64(e.dtype, e.data)) : Infinity; }));
    } finally { await cpu.dispose(); await gpu.dispose(); }
    say({ name, what, distance: Number.isFinite(worst) ? worst : 1e30, off: offDevice(recorder.read()).map((n) => n.op) });
  } catch (e) { say({ name, what, error: e instanceof Error ? e.message : String(e) }); }
}

/** A case with the gradients of its first output too. */
function withGradient(inputs: readonly SampleInput[], build: Build, pick: (i: number) => boolean): Built {
  const built = buildCase(inputs, build, 'float32');
  const y = built.outputs[0];
  const wrt = built.inputs.filter((v, i) => v.dtype === 'float32' && pick(i));
  if (y?.dtype !== 'float32' || wrt.length === 0) return built;
  const seed = built.graph.input('seed', y.shape);
  gradients(y, wrt, seed).forEach((d, i) => { built.graph.output(`d${i}`, d); });
  return { ...built, feeds: { ...built.feeds, seed: Float32Array.from({ length: elementCount(y.shape) }, (_, i) => Math.cos(1 + 2 * i)) } };
}

const only = process.argv[2];
for (const op of [...ops, ...fusedOps]) {
  if (only !== undefined && only !== op.name) continue;
  for (const s of op.samples(new Sampler(1))) {
    const what = `${s.inputs.map((x) => `${x.dtype}${dims(x.shape)}`).join(' ')} ${JSON.stringify(s.params)}`;
    const takes = (i: number): boolean => i === 0 || !['rope', 'barrier'].includes(op.name);
    await compare(op.name, what, 'grad' in op && op.name !== 'stopGradient' ? withGradient(s.inputs, opBuild(op, s), takes) : buildCase(s.inputs, opBuild(op, s), 'float32'));
  }
}
for (const s of fnSamples) {
  if (only !== undefined && only !== s.name) continue;
  await compare(s.name, 'composite', withGradient(s.inputs(new Sampler(1)), (_, x) => s.build(x), (i) => s.wrt?.includes(i) ?? true));
}
say({ done: true });
