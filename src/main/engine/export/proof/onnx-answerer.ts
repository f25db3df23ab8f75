/** Answers of an exported ONNX decoder, asked as transformers.js asks it: a prompt with an empty cache, then one token at a time with what it returned. Prompts have many lengths, so the free dimensions are proved too. */
import { openOnnxFile, type OnnxTensor } from '../../runtime/onnx-file.ts';
import { compared, type Answerer } from './answerer.ts';

export interface OnnxShape { layers: number; kvHeads: number; headDim: number; vocabSize: number }

export async function onnxAnswerer(path: string, shape: OnnxShape, threads: number): Promise<Answerer> {
  const file = await openOnnxFile(path, threads), { layers, kvHeads, headDim, vocabSize } = shape;
  const caches = Array.from({ length: layers }, (_, i) => (['key', 'value'] as const).map((side) => ({ past: `past_key_values.${i}.${side}`, present: `present.${i}.${side}` }))).flat();
  const empty = (): Record<string, OnnxTensor> => Object.fromEntries(caches.map(({ past }) => [past, { data: new Float32Array(0), shape: [1, kvHeads, 0, headDim] }]));
  /** Logits of all tokens, and the cache with the tokens in it. */
  const step = async (ids: readonly number[], before: number, cache: Record<string, OnnxTensor>): Promise<{ logits: Float32Array; cache: Record<string, OnnxTensor> }> => {
    const ints = (values: readonly number[]): OnnxTensor => ({ data: BigInt64Array.from(values, BigInt), shape: [1, values.length] });
    const out = await file.run({ input_ids: ints(ids), attention_mask: ints(Array.from({ length: before + ids.length }, () => 1)), position_ids: ints(ids.map((_, i) => before + i)), ...cache });
    return { logits: (out['logits'] as OnnxTensor).data as Float32Array, cache: Object.fromEntries(caches.map(({ past, present }) => [past, out[present] as OnnxTensor])) };
  };
  const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
  return {
    logits: async (prompts, signal) => {
      const rows: Float32Array[] = [];
      for (const p of prompts) {
        signal.throwIfAborted();
        const { logits } = await step(p, 0, empty());
        for (let k = p.length - compared(p.length); k < p.length; k++) rows.push(logits.slice(k * vocabSize, (k + 1) * vocabSize));
        await turn();
      }
      return rows;
    },
    greedy: async (prompts, most, stopIds, signal) => {
      const texts: number[][] = [];
      for (const p of prompts) {
        const tokens: number[] = [];
        let next = await step(p, 0, empty());
        for (;;) {
          signal.throwIfAborted();
          const token = largest(next.logits.subarray(next.logits.length - vocabSize));
          tokens.push(token);
          if (stopIds.includes(token) || tokens.length >= most) break;
          next = await step([token], p.length + tokens.length - 1, next.cache);
          await turn();
        }
        texts.push(tokens);
      }
      return texts;
    },
    dispose: () => file.dispose(),
  };
}

function largest(row: Float32Array): number {
  let best = 0;
  for (let i = 1; i < row.length; i++) if ((row[i] as number) > (row[best] as number)) best = i;
  return best;
}
