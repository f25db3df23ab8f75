/** The exported ONNX decoder of every family against the app, through onnxruntime alone: prompts of several lengths, a batch padded on the left, and the cache. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { solve, TRIALS, valueOf } from '../../../src/main/engine/export/onnx/sizes.ts';
import type { SizeName } from '../../../src/main/engine/export/onnx/sizes.ts';
import { openOnnxFile } from '../../../src/main/engine/runtime/onnx-file.ts';
import type { OnnxTensor } from '../../../src/main/engine/runtime/onnx-file.ts';
import { ExportJobs } from '../../../src/main/engine/services/export-job.ts';
import { initModel } from '../../../src/main/engine/train/init-model.ts';
import { writeRealModel } from '../../support/real-model.ts';
import { VARIANTS } from '../models/variants.ts';
import { exported, removeFolder, task, temporaryRoot } from './export-folder.ts';

const TOKENIZER = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'generation_config.json'];
let root: string;
beforeAll(() => { root = temporaryRoot(); });
afterAll(() => { removeFolder(root); });

function variant(name: string): string {
  const folder = join(root, `model-${name.replaceAll(/\W+/g, '-')}`);
  mkdirSync(folder, { recursive: true });
  for (const file of TOKENIZER) cpSync(join(import.meta.dirname, '../../../resources/demo/model', file), join(folder, file));
  initModel({ ...VARIANTS[name], vocab_size: 3136 }, folder, 7);
  return folder;
}

const isHybrid = (name: string): boolean => name.startsWith('lfm2');
describe.each(Object.keys(VARIANTS).filter((n) => !isHybrid(n)))('%s', (name) => {
  test('answers as the app does', { timeout: 120_000 }, async () => {
    const folder = variant(name), into = join(root, `out-${name.replaceAll(/\W+/g, '-')}`);
    mkdirSync(into);
    const { done } = await exported(into, task(folder, 'onnx', 'F32'));
    expect(done.proof).toMatchObject({ reader: 'onnx', passed: true });
    // Across the original context a kept cache has other positions than a new one: said in the notes, not hidden.
    if (/longrope|dynamic/.test(name)) expect(done.notes.join()).toMatch(/start the cache again/); else expect(done.proof.same_text).toBe(1);
  });
});

test.each(Object.keys(VARIANTS).filter(isHybrid))('%s is refused in words', async (name) => {
  await expect(new ExportJobs().plan(task(variant(name), 'onnx', 'F32'))).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('short convolutions') as string });
});

test('names and free dimensions as transformers.js expects; padding on the left changes nothing', { timeout: 120_000 }, async () => {
  const model = writeRealModel(join(root, 'plain'), 32), { out } = await exported(root, task(model, 'onnx', 'F32')), file = await openOnnxFile(join(out, 'onnx/model.onnx'), 1);
  try {
    expect(file.inputNames.toSorted()).toEqual(['attention_mask', 'input_ids', ...[0, 1].flatMap((i) => [`past_key_values.${i}.key`, `past_key_values.${i}.value`]), 'position_ids'].toSorted());
    expect(file.outputNames.toSorted()).toEqual(['logits', 'present.0.key', 'present.0.value', 'present.1.key', 'present.1.value']);
    const ints = (rows: readonly (readonly number[])[]): OnnxTensor => ({ data: BigInt64Array.from(rows.flat(), BigInt), shape: [rows.length, rows[0]?.length ?? 0] });
    const empty = (batch: number): Record<string, OnnxTensor> => Object.fromEntries([0, 1].flatMap((i) => ['key', 'value'].map((side) => [`past_key_values.${i}.${side}`, { data: new Float32Array(0), shape: [batch, 2, 0, 16] }])));
    const short = [11, 12, 13], long = [21, 22, 23, 24, 25];
    const alone = await Promise.all([short, long].map((ids) => file.run({ input_ids: ints([ids]), attention_mask: ints([ids.map(() => 1)]), position_ids: ints([ids.map((_, i) => i)]), ...empty(1) })));
    const both = await file.run({ input_ids: ints([[3, 3, ...short], long]), attention_mask: ints([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]]), position_ids: ints([[1, 1, 0, 1, 2], [0, 1, 2, 3, 4]]), ...empty(2) });
    const last = ({ data, shape }: OnnxTensor, row: number): Float32Array => { const [, t, v] = shape as [number, number, number]; return (data as Float32Array).slice(((row + 1) * t - 1) * v, (row + 1) * t * v); };
    for (const row of [0, 1]) {
      const expected = last((alone[row] as Record<string, OnnxTensor>)['logits'] as OnnxTensor, 0), got = last(both['logits'] as OnnxTensor, row);
      expect(Math.max(...expected.map((x, i) => Math.abs(x - (got[i] as number))))).toBeLessThan(1e-5);
    }
    expect((both['present.0.key'] as OnnxTensor).shape).toEqual([2, 2, 5, 16]);
  } finally { await file.dispose(); }
});

test('a size is solved for, or refused', () => {
  const at = (f: (s: Record<SizeName, number>) => number): number[] => TRIALS.map(f);
  for (const f of [(): number => 7, (s: Record<SizeName, number>): number => s.batch_size * s.sequence_length, (s: Record<SizeName, number>): number => 3 * s.total_sequence_length, (s: Record<SizeName, number>): number => 4 * s.batch_size * s.total_sequence_length + 2]) {
    const found = solve(at(f));
    expect(TRIALS.map((s) => valueOf(found, s))).toEqual(at(f));
  }
  expect(() => solve(at((s) => s.batch_size ** 2))).toThrow(expect.objectContaining({ code: 'graph-invalid' }));
});
