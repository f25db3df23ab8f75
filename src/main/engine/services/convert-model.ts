/** Makes a model folder out of a GGUF file and tells how far it is. */
import { importGguf } from '../io/gguf/import-gguf.ts';
import { EventQueue } from './event-queue.ts';

interface Progress { progress: number; bytes: number; notes: string[] | null }

export async function* convertModel({ file, folder }: { file: string; folder: string }, signal: AbortSignal): AsyncGenerator<Progress> {
  const queue = new EventQueue<Progress>();
  let told = 0, bytes = 0;
  const onProgress = (done: number, total: number): void => {
    bytes = total;
    if (done < total && done > 0 && done - told < total / 200) return;
    told = done;
    queue.push({ progress: total === 0 ? 1 : done / total, bytes, notes: null });
  };
  importGguf(file, folder, { signal, onProgress }).then(({ model }) => { queue.push({ progress: 1, bytes, notes: model.notes }); queue.end(); }, (e: unknown) => { queue.fail(e); });
  yield* queue;
}
