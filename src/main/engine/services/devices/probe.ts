/** Tries one device: does it start, is its arithmetic right, how fast are matrix products, has it float16. To be run in an engine of its own, since a driver may end the process. */
import type { DeviceProbe, ProviderId } from '../../../../shared/schema/device.ts';
import { Graph } from '../../graph/node.ts';
import type { Value } from '../../graph/node.ts';
import { cast, matmul, reduceMean } from '../../graph/ops/index.ts';
import { listProviders } from '../../runtime/providers.ts';
import { compile } from '../../runtime/session.ts';

const SIZE = 512, PRODUCTS = 8, ROUNDS = 3;

export async function probeDevice(id: ProviderId, threads: number): Promise<DeviceProbe> {
  const info = listProviders().find((p) => p.id === id);
  const probe: DeviceProbe = { id, ok: false, reason: info?.reason ?? null, software: info?.software ?? false, half: false, gflops: null };
  if (info?.available !== true) return probe;
  try {
    const { rate, error } = await products(id, threads, 'float32');
    if (!(error < 1e-3)) return { ...probe, reason: `Its matrix products are wrong by ${error.toExponential(1)}; the driver may be broken.` };
    return { ...probe, ok: true, reason: probe.software ? probe.reason : null, gflops: rate, half: id !== 'cpu' && await hasHalf(id, threads) };
  } catch (e) { return { ...probe, reason: plainReason(e) }; }
}

/** A chain of products by a matrix that keeps the mean of the rows: what comes out is known. */
async function products(provider: ProviderId, threads: number, dtype: 'float32' | 'float16'): Promise<{ rate: number; error: number }> {
  const g = new Graph(), x = g.input('x', [SIZE, SIZE]), w = g.input('w', [SIZE, SIZE]);
  let y: Value = cast(x, dtype);
  for (let i = 0; i < PRODUCTS; i++) y = matmul(y, cast(w, dtype));
  g.output('mean', cast(reduceMean(cast(y, 'float32')), 'float32'));
  const program = await compile(g, { provider, threads });
  try {
    const feeds = { x: new Float32Array(SIZE * SIZE).fill(0.5), w: new Float32Array(SIZE * SIZE).fill(1 / SIZE) };
    let best = Infinity, mean = NaN;
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      mean = Number((await program.run(feeds))['mean']!.data[0]);
      if (round > 0) best = Math.min(best, performance.now() - began);
    }
    return { rate: (2 * SIZE ** 3 * PRODUCTS) / best / 1e6, error: Math.abs(mean / 0.5 - 1) };
  } finally { await program.dispose(); }
}

async function hasHalf(provider: ProviderId, threads: number): Promise<boolean> {
  // Other providers emulate what they lack; only these two say no where a card has none.
  if (provider !== 'webgpu' && provider !== 'cuda') return false;
  try { return (await products(provider, threads, 'float16')).error < 0.02; } catch { return false; }
}

/** onnxruntime's message without its source paths. */
export function plainReason(e: unknown): string {
  const text = e instanceof Error ? e.message : String(e);
  if (/Failed to get a WebGPU adapter/.test(text)) return 'The driver gives no WebGPU adapter: is the Vulkan loader (libvulkan1) installed, and does vulkaninfo name the card?';
  if (/shader-f16|f16/i.test(text)) return 'The device has no float16 in its shaders.';
  if (/libcudnn|libcublas|libcudart|libcufft|libcurand|CUDA/.test(text)) return `CUDA 12 with cuDNN 9 is not complete: ${text.replace(/^.*?:\s*/, '').slice(0, 200)}`;
  return text.replace(/\/onnxruntime_src\/\S+\s*/g, '').slice(0, 300);
}
