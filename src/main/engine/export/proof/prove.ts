/** The round-trip proof: the checkpoint in the app answers 32 prompts, the exported files are loaded again by our own reader and answer the same, and the differences are measured. One of both is in memory at a time. */
import type { ExportProof } from '../../../../shared/schema/export.ts';
import type { PlannedExport } from '../exporter.ts';
import type { ExportSource } from '../source.ts';
import { modelAnswerer, type Answerer } from './answerer.ts';
import { compareLogits, compareTexts } from './compare.ts';
import { probePrompts } from './probe-prompts.ts';

/** Tokens of greedy text after each prompt. */
const TOKENS = 24;
/** What rounding may do to the logits of a lossless format: a merged float32 weight is rounded once more than base and adapter apart. Measured 1e-6 of the largest logit (demo, 5 layers) to a few 1e-6 (30 layers). */
const tolerance = (largestLogit: number): number => Math.max(1e-4, 1e-5 * largestLogit);

interface Answers { logits: Float32Array[]; texts: number[][] }

export async function prove(source: ExportSource, planned: PlannedExport, folder: string, options: { threads: number; dataDir: string | null; onProgress: (share: number) => void; signal: AbortSignal }): Promise<ExportProof> {
  const { threads, signal, onProgress } = options, began = performance.now();
  const probes = await probePrompts(source.tokenizer, source.template, options.dataDir, source.model.config);
  const prompts = probes.map((p) => p.ids), most = Math.max(1, Math.min(TOKENS, source.model.config.maxPositions - Math.max(...prompts.map((p) => p.length))));
  const answers = async (answerer: Answerer, from: number): Promise<Answers> => {
    try {
      const logits = await answerer.logits(prompts, signal);
      onProgress(from + 0.2);
      const texts = await answerer.greedy(prompts, most, source.stopIds, signal);
      onProgress(from + 0.45);
      return { logits, texts };
    } finally { await answerer.dispose(); }
  };
  const app = await answers(modelAnswerer(source, threads), 0.05);
  signal.throwIfAborted();
  const exported = await answers(await planned.reopen(folder), 0.55);
  const distance = compareLogits(app.logits, exported.logits), { first, ...text } = compareTexts(app.texts, exported.texts);
  const allowed = planned.lossless ? tolerance(distance.max_abs_logit) : null;
  const words = (tokens: readonly number[] | undefined): string => source.tokenizer.decode(tokens ?? [], { skipSpecial: false });
  return {
    reader: planned.reader, prompts: prompts.length, ...distance, ...text, lossless: planned.lossless, tolerance: allowed, passed: allowed === null ? null : distance.max_abs_diff <= allowed, seconds: (performance.now() - began) / 1000,
    example: first === null ? null : { prompt: probes[first]?.text ?? '', app: words(app.texts[first]), exported: words(exported.texts[first]) },
  };
}
