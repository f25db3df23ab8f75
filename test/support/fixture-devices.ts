/** Devices and caches with invented content: a machine without a card, and with `card` one that has an NVIDIA card which is proven on CUDA and not yet tested on WebGPU. */
import { setTimeout as wait } from 'node:timers/promises';
import type { contract } from '../../src/shared/contract.ts';
import { AnnealError } from '../../src/shared/errors.ts';
import type { CacheSize } from '../../src/shared/schema/cache.ts';
import { SELF_TEST_STEPS, type CardMemory, type ChosenDevice, type DeviceTest } from '../../src/shared/schema/device.ts';
import type { Settings } from '../../src/shared/schema/entities.ts';
import type { CardPlan } from '../../src/shared/schema/review.ts';
import type { Service } from '../../src/shared/rpc/define.ts';

export const CARD: CardMemory = { name: 'NVIDIA GeForce RTX 4070', total: 12_878_610_432, free: 11_274_289_152, source: 'nvidia-smi', shared: false, limit: null, cards: 1 };
const WHY = 'cuda: chosen by itself, it runs at 21400 GFLOP/s in matrix products, the processor at 96';
export const cardDevice = (precision: ChosenDevice['precision'] = 'fp32'): ChosenDevice => ({ id: 'cuda', precision, why: WHY, memory: CARD });
export const cardPlan = (fits = true): CardPlan => ({ memory: CARD, weights: 538e6, activations: fits ? 1_920e6 : 14_900e6, values: 59e6, evaluation: 610e6, generation: 590e6, reference: 0, total: fits ? 3_717e6 : 16_697e6, resident: false, budget: 8_672_530_117, fits });

export function fixtureDevices(card: boolean, settings: () => Settings): Service<typeof contract.devices> {
  const tests: DeviceTest[] = card ? [{ device: 'cuda', ok: true, text: '', at: 0 }] : [];
  const no = { webgpu: 'No Vulkan driver was found: install the driver of the graphics card and the Vulkan loader (libvulkan1).', cuda: 'The CUDA provider is not part of the package: fetch its files with "npm run gpu:cuda" or in Settings.' };
  const ready = 'In the package; the self-test says whether it works here.';
  const cpu = (why: string): ChosenDevice => ({ id: 'cpu', precision: 'fp32', why });
  const choose = ({ device = settings().device, precision = 'fp32', compute }: Parameters<Service<typeof contract.devices>['choose']>[0]): { chosen: ChosenDevice | null; problem: string | null; half: boolean | null } => {
    const onCard = device === 'cuda' || device === 'webgpu' || (device === 'auto' && card && compute !== 'int8');
    if (onCard && compute === 'int8') return { chosen: null, problem: `train.compute: int8 is arithmetic of the processor; choose device: cpu for it, or compute: fp32 for ${device}.`, half: card };
    if (onCard && !card) return { chosen: null, problem: `device: ${device} cannot be used here. ${no.webgpu} Choose device: cpu or auto.`, half: false };
    if (onCard) return { chosen: { ...cardDevice(precision), ...(device === 'auto' ? {} : { id: device, why: `${device}: as chosen` }) }, problem: null, half: true };
    const why = device === 'cpu' ? 'cpu: as chosen' : compute === 'int8' ? 'cpu: chosen by itself, because compute: int8 is arithmetic of the processor' : 'cpu: chosen by itself, because no graphics card can be used here';
    return precision === 'fp16' ? { chosen: null, problem: `precision: fp16 needs a graphics card with float16, but the run would be computed on the processor (${why}); choose precision: fp32.`, half: false } : { chosen: cpu(why), problem: null, half: false };
  };
  return {
    state: () => ({
      providers: [{ id: 'cpu', available: true, reason: 'Built in.' }, ...(['webgpu', 'cuda'] as const).map((id) => ({ id, available: card, reason: card ? ready : no[id] }))],
      ...(({ chosen, problem }) => ({ chosen, problem }))(choose({})), cuda: { installed: card, obstacle: null }, tests, memory: card ? { ...CARD, limit: settings().device_memory_gb === null ? null : (settings().device_memory_gb ?? 0) * 1e9 } : null,
    }),
    choose,
    test: async function* ({ device }) {
      for (const step of SELF_TEST_STEPS) { await wait(100); yield { device, step, ok: true, text: '8 equal tokens; relative error 0.0e+0', seconds: 0.1 }; }
      tests.push({ device, ok: true, text: '', at: Date.now() });
    },
    fetchCuda: async function* () { yield { line: 'Downloading', done: false }; throw new AnnealError('unavailable', 'The fixture has no network.'); },
  };
}

export function fixtureCaches(empty: boolean): Service<typeof contract.caches> {
  let sizes: CacheSize[] = [{ cache: 'graphs', files: empty ? 0 : 42, bytes: empty ? 0 : 171_442_176 }, { cache: 'int8', files: empty ? 0 : 1, bytes: empty ? 0 : 213_172_224 }, { cache: 'reference', files: empty ? 0 : 3, bytes: empty ? 0 : 28_672 }];
  return {
    list: () => sizes,
    clear: async ({ cache }) => { await wait(120); const gone = sizes.find((s) => s.cache === cache)!; sizes = sizes.map((s) => (s.cache === cache ? { cache, files: 0, bytes: 0 } : s)); return gone; },
  };
}
