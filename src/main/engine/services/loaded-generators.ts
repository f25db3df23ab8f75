/** Generators by model and checkpoint, a few kept ready; least recently used go first. A folder whose weights changed is loaded anew. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ProviderId } from '../../../shared/schema/device.ts';
import type { GrammarSpec, WeightFormat } from '../../../shared/schema/generate.ts';
import { createGenerator, type Constraint, type Generator } from '../generate/index.ts';
import { hashFile } from '../io/hash-file.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { readPeftAdapter } from '../io/peft-adapter.ts';
import { weightHash } from '../io/weight-hash.ts';
import { parseModel } from '../models/index.ts';
import { checkParameters } from '../models/parameters.ts';
import type { ModelRef } from '../protocol.ts';
import { constraintCache } from './vocabulary.ts';
import { openModelText, type ModelText } from './model-text.ts';

export interface LoadedGenerator { generator: Generator; text: ModelText; weightHash: string; context: number; /** A grammar for this model's vocabulary; the last few are kept. */ constraint: (spec: GrammarSpec, stopIds: readonly number[]) => Constraint }
interface Entry { key: string; loaded: Promise<LoadedGenerator>; users: number }

export class LoadedGenerators {
  readonly #entries: Entry[] = [];
  readonly #keep: number;
  constructor(keep = 4) { this.#keep = keep; }

  /** Runs `work` with the generator of a model; it is not disposed meanwhile. */
  async *use<T>(model: ModelRef, threads: number, format: WeightFormat, work: (loaded: LoadedGenerator) => AsyncIterable<T>, device: ProviderId = 'cpu'): AsyncGenerator<T> {
    const entry = this.#entry(model, threads, format, device);
    entry.users++;
    try {
      yield* work(await entry.loaded);
    } finally {
      entry.users--;
    }
  }

  #entry(model: ModelRef, threads: number, format: WeightFormat, device: ProviderId): Entry {
    const key = JSON.stringify([model, threads, format, device, stamp(model)]);
    const at = this.#entries.findIndex((e) => e.key === key);
    const entry = at >= 0 ? this.#entries.splice(at, 1)[0]! : { key, loaded: load(model, threads, format, device), users: 0 };
    this.#entries.push(entry);
    entry.loaded.catch(() => { const failed = this.#entries.indexOf(entry); if (failed >= 0) this.#entries.splice(failed, 1); });
    this.#shrink();
    return entry;
  }

  #shrink(): void {
    for (let i = 0; this.#entries.length > this.#keep && i < this.#entries.length - 1;) {
      const entry = this.#entries[i]!;
      if (entry.users > 0) { i++; continue; }
      this.#entries.splice(i, 1);
      entry.loaded.then((l) => l.generator.dispose(), () => { /* it never loaded */ });
    }
  }
}

const weightsOf = (model: ModelRef): string => (model.checkpoint === null ? model.folder : join(model.checkpoint.folder, model.checkpoint.kind === 'adapter' ? 'adapter_model.safetensors' : 'model.safetensors'));
function stamp(model: ModelRef): number { try { return statSync(weightsOf(model)).mtimeMs; } catch { return 0; } }

async function load(model: ModelRef, threads: number, format: WeightFormat, device: ProviderId): Promise<LoadedGenerator> {
  const { checkpoint } = model;
  const folder = openModelFolder(checkpoint?.kind === 'full' ? checkpoint.folder : model.folder);
  const parsed = parseModel(folder.config);
  const source = { model: parsed, weights: checkParameters(parsed, folder.tensors), ...(checkpoint?.kind === 'adapter' ? { adapter: readPeftAdapter(checkpoint.folder) } : {}) };
  const text = await openModelText(model);
  return { generator: createGenerator(source, { threads, format, device }), text, weightHash: checkpoint === null ? weightHash(model.folder).hash : hashFile(weightsOf(model)), context: parsed.config.maxPositions, constraint: constraintCache(text.tokenizer) };
}
