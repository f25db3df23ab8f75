/** Handlers of `devices`: what there is, the self-test, and the CUDA files. */
import type { contract } from '../../../shared/contract.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Service } from '../../../shared/rpc/define.ts';
import type { HostContext } from '../context.ts';
import { providerId } from '../../../shared/schema/device.ts';
import { cudaObstacle, cudaPlace, fetchCuda, type CudaPlace } from '../cuda-files.ts';

const CARDS: ReadonlySet<string> = new Set(['cuda', 'webgpu', 'dml', 'coreml']);

export const devicesService = ({ devices, runs, store, log }: HostContext): Service<typeof contract.devices> => ({
  state: async () => {
    const cuda = await cudaState(), providers = [...await devices.list()], card = providers.find((p) => p.available && CARDS.has(p.id));
    const rest = { providers, cuda, tests: devices.tests, memory: card === undefined ? null : await devices.memory(providerId.parse(card.id), card.software === true) };
    try { return { ...rest, chosen: await devices.choose({}), problem: null }; } catch (e) {
      if (!(e instanceof AnnealError) || e.code !== 'unavailable') throw e;
      return { ...rest, chosen: null, problem: e.message };
    }
  },
  choose: (wanted) => devices.answer(wanted),
  test: async function* ({ device }) {
    if (runs.current !== null) throw new AnnealError('conflict', 'A run is training now; a self-test beside it would disturb both. Try again when it has ended.');
    yield* devices.selfTest(device);
  },
  fetchCuda: async function* (_input, { signal }) {
    const place = cudaPlace(), lines: string[] = [];
    let wake: () => void = () => undefined, ended = false, failure: unknown;
    log.info(`fetching the CUDA files of onnxruntime-node ${place.version}, as asked (${store.settings.get().device})`);
    const work = fetchCuda(place, (line) => { lines.push(line); wake(); }, signal).then((files) => { lines.push(...files.map((f) => `${f.name} ${f.sha256}`)); }, (e: unknown) => { failure = e; }).finally(() => { ended = true; wake(); });
    for (;;) {
      while (lines.length > 0) yield { line: lines.shift()!, done: false };
      if (ended) break;
      await new Promise<void>((resolve) => { wake = resolve; });
    }
    await work;
    if (failure !== undefined) throw failure;
    devices.forget();
    yield { line: '', done: true };
  },
});

async function cudaState(): Promise<{ installed: boolean; obstacle: string | null }> {
  let place: CudaPlace;
  try { place = cudaPlace(); } catch (e) { return { installed: false, obstacle: e instanceof AnnealError ? e.message : String(e) }; }
  return { installed: place.installed, obstacle: await cudaObstacle(place) };
}
