/** Pure parts of the model page: the tree of what descends from a model, the rows of the tensor table, what a conversation sends, the base of an adapter. */
import { expect, test } from 'vitest';
import { lineageOf } from '../../src/renderer/src/pages/model/lineage.ts';
import { filterTensors, groupTensors, tensorRows } from '../../src/renderer/src/pages/model/tensor-rows.ts';
import { readGrammar, NO_GRAMMAR } from '../../src/renderer/src/pages/model/chat-grammar.ts';
import { messagesFor } from '../../src/renderer/src/pages/model/chat-messages.ts';
import type { Answer, Talk, Turn } from '../../src/renderer/src/pages/model/chat-store.ts';
import { CHECKPOINTS, MODELS, recipe, RUNS } from '../support/fixture-data.ts';
import { exportRecord } from '../support/fixture-exports.ts';
import { fixtureTensors, importedAdapter } from '../support/fixture-model.ts';
import type { Run } from '../../src/shared/schema/entities.ts';

const SFT = RUNS.filter((r) => r.method === 'sft');
const all = (runs: readonly Run[] = SFT) => ({ runs, checkpoints: CHECKPOINTS.filter((c) => SFT.some((r) => r.id === c.run_id)), exports: [exportRecord({ model_id: 'anneal-tiny' }), exportRecord({ id: 'exp-2', model_id: 'anneal-tiny', checkpoint_id: 'r-done-600' })] });

test('lineage: base exports, runs newest first, checkpoints latest first, exports under what they were made from', () => {
  const { rows, runs, checkpoints, exports } = lineageOf('anneal-tiny', all());
  expect({ runs, checkpoints, exports }).toEqual({ runs: 4, checkpoints: 6, exports: 2 });
  expect(rows[0]).toMatchObject({ kind: 'export', depth: 1, key: 'exp-done' });
  expect(rows.filter((r) => r.kind === 'run').map((r) => r.key)).toEqual(['r-live', 'r-done', 'r-paused', 'r-nan']);
  const at = rows.findIndex((r) => r.key === 'r-done-600');
  expect(rows[at + 1]).toMatchObject({ kind: 'export', key: 'exp-2', depth: 3 });
  expect(rows.some((r) => r.kind === 'run' && r.run.model_id !== 'anneal-tiny')).toBe(false);
});

test('lineage: a run that starts from a checkpoint stands below it; a lost start and a circle lose nobody', () => {
  const child = { ...(RUNS[2] as Run), id: 'r-child', name: 'child', recipe: recipe({ checkpoint: 'r-done-600' }) }, lost = { ...child, id: 'r-lost', recipe: recipe({ checkpoint: 'ckp-gone' }) };
  const { rows } = lineageOf('anneal-tiny', all([...RUNS, child, lost]));
  expect(rows.find((r) => r.key === 'r-child')).toMatchObject({ depth: 3, startStep: 600, lostStart: false });
  expect(rows.find((r) => r.key === 'r-lost')).toMatchObject({ depth: 1, lostStart: true });
  const loop = { ...(RUNS[2] as Run), recipe: recipe({ checkpoint: 'r-done-600' }) };
  expect(lineageOf('anneal-tiny', all([loop])).rows.filter((r) => r.kind === 'run')).toHaveLength(1);
});

test('lineage: imported adapters below the base, and runs that start from them', () => {
  const adapter = importedAdapter('/a', 'anneal-tiny', 'kind'), child = { ...(RUNS[2] as Run), id: 'r-a', recipe: recipe({ checkpoint: adapter.id }) };
  const { rows } = lineageOf('anneal-tiny', { runs: [child], checkpoints: [adapter], exports: [] });
  expect(rows.map((r) => [r.kind, r.depth])).toEqual([['checkpoint', 1], ['run', 2]]);
});

test('lineage: of many checkpoints the latest, the best and those with descendants; the rest on request', () => {
  const run = { ...(RUNS[2] as Run), best_step: 300 }, many = Array.from({ length: 10 }, (_, i) => ({ ...(CHECKPOINTS[0] as (typeof CHECKPOINTS)[number]), id: `c${i}`, run_id: run.id, step: (i + 1) * 100 }));
  const closed = lineageOf('anneal-tiny', { runs: [run], checkpoints: many, exports: [exportRecord({ model_id: 'anneal-tiny', checkpoint_id: 'c4' })] });
  expect(closed.rows.filter((r) => r.kind === 'checkpoint').map((r) => r.key)).toEqual(['c9', 'c4', 'c2']);
  expect(closed.rows.at(-1)).toMatchObject({ kind: 'more', hidden: 7 });
  expect(lineageOf('anneal-tiny', { runs: [run], checkpoints: many, exports: [] }, new Set([run.id])).rows.filter((r) => r.kind === 'checkpoint')).toHaveLength(10);
});

test('tensors: filtered by name, shape and type; grouped in order; sums of a group; closed groups hide theirs', () => {
  const { tensors, parameters } = fixtureTensors(MODELS[1]!);
  expect(filterTensors(tensors, 'q_proj')).toHaveLength(30);
  expect(filterTensors(tensors, 'layers.3. q_proj F16')).toHaveLength(1);
  expect(filterTensors(tensors, '[576, 576]').length).toBe(60);
  expect(filterTensors(tensors, '576x576').length).toBe(60);
  expect(filterTensors(tensors, 'nothing')).toEqual([]);
  const groups = groupTensors(tensors);
  expect(groups.map((g) => g.key).slice(0, 3)).toEqual(['before', '0', '1']);
  expect(groups.at(-1)?.key).toBe('after');
  expect(groups.reduce((n, g) => n + g.parameters, 0)).toBe(parameters);
  const rows = tensorRows(groups, new Set(groups.filter((g) => g.key !== '0').map((g) => g.key)));
  expect(rows.filter((r) => r.kind === 'tensor')).toHaveLength(9);
  expect(rows.find((r) => r.kind === 'tensor')).toMatchObject({ short: 'input_layernorm.weight' });
});

test('a conversation sends what was said and answered, the system message first, and leaves out answers that failed', () => {
  const answer = (text: string, status: Answer['status'] = 'done'): Answer => ({ status, checkpointId: null, weightHash: null, promptText: null, promptTokens: null, cut: null, tokens: text === '' ? [] : [{ text, id: 1, logprob: 0, top: [] }], end: null, error: null });
  const turn = (key: number, text: string, a: Answer): Turn => ({ key, mode: 'chat', text, answer: a });
  const turns = [turn(1, 'a', answer('A')), turn(2, 'b', answer('', 'failed')), turn(3, 'c', answer('', 'waiting'))];
  const talk = { system: ' Be brief. ', turns } as unknown as Talk;
  expect(messagesFor(talk, turns[2]!)).toEqual([{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'a' }, { role: 'assistant', content: 'A' }, { role: 'user', content: 'c' }]);
});

test('grammar: what was typed is a schema or a pattern, or says what is wrong', () => {
  expect(readGrammar(NO_GRAMMAR)).toEqual({ spec: null, problem: null });
  expect(readGrammar({ ...NO_GRAMMAR, kind: 'regex', pattern: 'a|b' })).toEqual({ spec: { kind: 'regex', pattern: 'a|b' }, problem: null });
  expect(readGrammar({ ...NO_GRAMMAR, kind: 'json_schema', schema: '{"type":"integer"}' })).toEqual({ spec: { kind: 'json_schema', schema: { type: 'integer' } }, problem: null });
  expect(readGrammar({ ...NO_GRAMMAR, kind: 'json_schema', schema: '{"type":' }).problem?.why).toBe('notJson');
  expect(readGrammar({ ...NO_GRAMMAR, kind: 'json_schema', schema: '[1]' }).problem?.why).toBe('notSchema');
  expect(readGrammar({ ...NO_GRAMMAR, kind: 'regex' }).problem?.why).toBe('empty');
});
