/** What the run, runs and compare pages conclude from data: findings, allowed actions, differences, links, panes. */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Series } from '../../src/shared/contract.ts';
import type { Run } from '../../src/shared/schema/entities.ts';
import { comparable, DEFAULT_SAMPLING, referencePane, useCompare } from '../../src/renderer/src/pages/compare/compare-store.ts';
import type { Answer } from '../../src/renderer/src/pages/compare/compare-store.ts';
import { compareHref, targetsOf } from '../../src/renderer/src/compare-link.ts';
import { shadeOf } from '../../src/renderer/src/ui/token-chance.ts';
import { units, wordDiff } from '../../src/renderer/src/ui/word-diff.ts';
import { lastStepShown } from '../../src/renderer/src/pages/run/metric-tabs.ts';
import { recipeDifferences } from '../../src/renderer/src/pages/runs/recipe-differences.ts';
import { mainFinding, sideFindings } from '../../src/renderer/src/pages/run/run-findings.ts';
import { canDo, inListOrder } from '../../src/renderer/src/state/run-state.ts';

const series = (points: [number, number][]): Series => ({ name: 'x', steps: points.map((p) => p[0]), x: points.map((p) => p[0]), mean: points.map((p) => p[1]), min: points.map((p) => p[1]), max: points.map((p) => p[1]), count: points.length });
const falling = series(Array.from({ length: 100 }, (_, i) => [i + 1, 3 - i * 0.02]));

test('the axis of steps shows a young run larger, and never more than all steps', () => {
  expect(lastStepShown({ step: 0, total_steps: 0 })).toBeUndefined();
  expect(lastStepShown({ step: 0, total_steps: 1000 })).toBe(10);
  expect(lastStepShown({ step: 20, total_steps: 100_000 })).toBe(80);
  expect(lastStepShown({ step: 400, total_steps: 1000 })).toBe(1000);
});

describe('findings', () => {
  test('held-out loss is believed before training loss', () => {
    expect(mainFinding({ loss: falling, eval_loss: series([[50, 2], [100, 1.2], [150, 1.1]]) })).toEqual({ kind: 'held-out-falls', judgement: 'good', from: 2, to: 1.1, step: 150 });
  });
  test('a rise after the best is named with both steps', () => {
    expect(mainFinding({ loss: falling, eval_loss: series([[50, 2], [100, 1], [150, 1.3]]) })).toEqual({ kind: 'held-out-rises', judgement: 'warn', best: 1, bestStep: 100, last: 1.3, step: 150 });
  });
  test('small changes are flat, one point is only told', () => {
    expect(mainFinding({ eval_loss: series([[50, 1], [100, 1.001]]) })?.kind).toBe('held-out-flat');
    expect(mainFinding({ eval_loss: series([[50, 1]]) })?.kind).toBe('held-out-once');
  });
  test('without held-out rows the training loss speaks, once there is enough of it', () => {
    expect(mainFinding({ loss: falling })?.kind).toBe('train-falls');
    expect(mainFinding({ loss: series([[1, 3], [2, 2]]) })).toBeNull();
    expect(mainFinding({})).toBeNull();
  });
  test('clipped share counts the last hundred gradient norms', () => {
    const norms = series(Array.from({ length: 200 }, (_, i) => [i + 1, i < 100 ? 9 : i % 4 === 0 ? 2 : 0.5]));
    const clipped = sideFindings({ grad_norm: norms }, 1).find((f) => f.kind === 'clipped');
    expect(clipped).toEqual({ kind: 'clipped', judgement: 'good', share: 0.25, limit: 1, points: 100 });
    expect(sideFindings({ grad_norm: norms }, 0)).toEqual([]);
  });
  test('the gap compares held-out loss with training loss before that step only', () => {
    const loss = series(Array.from({ length: 40 }, (_, i) => [i + 1, i < 20 ? 1 : 100]));
    expect(sideFindings({ loss, eval_loss: series([[20, 2]]) }, 1)[0]).toEqual({ kind: 'gap', judgement: 'warn', train: 1, heldOut: 2, step: 20 });
  });
});

describe('run state', () => {
  const run = (over: Partial<Run>): Run => ({ id: 'a', status: 'running', created_at: 0, step: 1, total_steps: 10, ...over }) as Run;
  test('only what the state allows', () => {
    expect(canDo('pause', run({}))).toBe(true);
    expect(canDo('pause', run({ status: 'completed' }))).toBe(false);
    expect(canDo('resume', run({ status: 'interrupted' }))).toBe(true);
    expect(canDo('resume', run({ status: 'running' }))).toBe(false);
    expect(canDo('stop', run({ status: 'failed' }))).toBe(false);
  });
  test('live first, then the queue oldest first, then newest first', () => {
    const list = [run({ id: 'old', status: 'completed', created_at: 1 }), run({ id: 'q2', status: 'queued', created_at: 6 }), run({ id: 'live', created_at: 2 }), run({ id: 'q1', status: 'queued', created_at: 5 }), run({ id: 'new', status: 'failed', created_at: 9 })];
    expect(inListOrder(list).map((r) => r.id)).toEqual(['live', 'q1', 'q2', 'new', 'old']);
  });
});

describe('word difference', () => {
  const word = fc.constantFrom('the', 'mill', 'is', ' ', '\n', '镇', '石', ',', 'river', '?', "can't");
  const text = fc.array(word, { maxLength: 40 }).map((w) => w.join(''));
  test('both texts can be read back', () => {
    fc.assert(fc.property(text, text, (a, b) => {
      const parts = wordDiff(a, b);
      expect(parts.filter((p) => p.kind !== 'ins').map((p) => p.text).join('')).toBe(a);
      expect(parts.filter((p) => p.kind !== 'del').map((p) => p.text).join('')).toBe(b);
    }));
  });
  test('equal texts are one part; a changed word is only that word', () => {
    expect(wordDiff('near the mill.', 'near the mill.')).toEqual([{ kind: 'same', text: 'near the mill.' }]);
    expect(wordDiff('near the mill.', 'near the river.')).toEqual([{ kind: 'same', text: 'near the ' }, { kind: 'del', text: 'mill' }, { kind: 'ins', text: 'river' }, { kind: 'same', text: '.' }]);
  });
  test('Chinese is compared by character', () => {
    expect(units('青石镇 mill')).toEqual(['青', '石', '镇', ' ', 'mill']);
    expect(wordDiff('青石镇很大', '青石镇很小').filter((p) => p.kind !== 'same')).toEqual([{ kind: 'del', text: '大' }, { kind: 'ins', text: '小' }]);
  });
  test('ten thousand words do not stall', () => {
    const long = (w: string): string => Array.from({ length: 10_000 }, (_, i) => `${w}${i}`).join(' ');
    const before = performance.now();
    wordDiff(long('a'), long('b'));
    expect(performance.now() - before).toBeLessThan(1500);
  });
});

describe('compare', () => {
  beforeEach(() => { useCompare.setState({ panes: [], reference: null, sampling: DEFAULT_SAMPLING, history: [] }); });
  test('the address keeps base models and checkpoints, at most four, no doubles', () => {
    const targets = [{ modelId: 'm1', checkpointId: null }, { modelId: 'm1', checkpointId: 'c9' }];
    expect(targetsOf(compareHref(targets).split('?')[1] ?? '')).toEqual(targets);
    expect(targetsOf('m=a,a,b,c,d,e').map((t) => t.modelId)).toEqual(['a', 'b', 'c', 'd']);
    expect(targetsOf('')).toEqual([]);
  });
  test('unlocking copies the shared settings and later changes stay apart', () => {
    const s = useCompare.getState();
    s.add({ modelId: 'a', checkpointId: null }); s.add({ modelId: 'b', checkpointId: null });
    s.unlock('b'); s.setOwn('b', { temperature: 1.5 }); s.setSampling({ seed: 99 });
    const [a, b] = useCompare.getState().panes;
    expect(a?.own).toBeNull();
    expect(b?.own).toEqual({ ...DEFAULT_SAMPLING, temperature: 1.5 });
    useCompare.getState().lock('b');
    expect(useCompare.getState().panes[1]?.own).toBeNull();
  });
  test('the reference falls back to the first pane when its pane goes', () => {
    const s = useCompare.getState();
    s.add({ modelId: 'a', checkpointId: null }); s.add({ modelId: 'b', checkpointId: null }); s.setReference('b');
    expect(referencePane(useCompare.getState())?.key).toBe('b');
    s.remove('b');
    expect(referencePane(useCompare.getState())?.key).toBe('a');
  });
  test('answers with other settings are not comparable', () => {
    const answer = { prompt: 'p', mode: 'chat', sampling: DEFAULT_SAMPLING } as Answer;
    expect(comparable(answer, { ...answer })).toBe(true);
    expect(comparable(answer, { ...answer, sampling: { ...DEFAULT_SAMPLING, seed: 8 } })).toBe(false);
    expect(comparable(answer, null)).toBe(false);
  });
  test('shades follow the probability', () => { expect([0, -0.5, -1.2, -2.5, -9].map(shadeOf)).toEqual([0, 1, 2, 3, 4]); });
});

test('recipe differences: only what differs, with a dash where a setting is missing', () => {
  const a = { name: 'a', train: { learning_rate: 1e-3, seed: 1 }, adapter: { r: 8 } }, b = { name: 'b', train: { learning_rate: 2e-3, seed: 1 }, adapter: 'none' };
  expect(recipeDifferences([a, b])).toEqual([{ path: 'train.learning_rate', values: ['0.001', '0.002'] }, { path: 'adapter.r', values: ['8', null] }, { path: 'adapter', values: [null, 'none'] }]);
  expect(recipeDifferences([a, { ...a, name: 'c' }])).toEqual([]);
});
