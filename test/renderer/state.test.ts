/** Entities from changes, selectors, what stays visible of hidden text, and what the demo's numbers say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/shared/contract.ts';
import type { Demo } from '../../src/shared/schema/entities.ts';
import { matches, pText, verdict } from '../../src/renderer/src/pages/home/demo-verdict.ts';
import { rowParts } from '../../src/renderer/src/pages/datasets/row-parts.ts';
import { patterns, routes } from '../../src/renderer/src/routes.ts';
import { byKey, NO_ENTITIES, reduceChanges } from '../../src/renderer/src/state/reduce-change.ts';
import { checkpointsOf, demoUnderWay, isLive, latestDemo, newestFirst } from '../../src/renderer/src/state/selectors.ts';
import { visibleParts } from '../../src/renderer/src/ui/visible-parts.ts';
import { CHECKPOINTS, DATASETS, demo, MODELS, row, RUNS } from '../support/fixture-data.ts';

describe('reduceChanges', () => {
  const run = RUNS[0]!, put: Change = { topic: 'run', id: run.id, record: run }, gone: Change = { topic: 'run', id: run.id, record: null };
  it('adds, replaces and removes', () => {
    const one = reduceChanges(NO_ENTITIES, [put]);
    expect(one.run[run.id]).toBe(run);
    expect(reduceChanges(one, [{ ...put, record: { ...run, step: 999 } }]).run[run.id]?.step).toBe(999);
    expect(reduceChanges(one, [gone]).run).toEqual({});
  });
  it('leaves the old state and untouched topics as they were', () => {
    const before = { ...NO_ENTITIES, model: byKey(MODELS) }, after = reduceChanges(before, [put, gone, put]);
    expect(before.run).toEqual({});
    expect(after.model).toBe(before.model);
    expect(after.run[run.id]).toBe(run);
  });
  it('gives the same whether changes come one by one or at once', () => {
    const changes = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean(), step: fc.nat() }).map(({ id, gone: g, step }): Change => ({ topic: 'run', id, record: g ? null : { ...run, id, step } })));
    fc.assert(fc.property(changes, (list) => { expect(list.reduce((s, c) => reduceChanges(s, [c]), NO_ENTITIES)).toEqual(reduceChanges(NO_ENTITIES, list)); }));
  });
  it('keeps the settings it has when told that there are none', () => {
    const settings = { language: 'en', theme: 'dark', device: 'auto', threads: 0, resume_interrupted: false, reduced_motion: false, device_memory_gb: null } as const;
    expect(reduceChanges({ ...NO_ENTITIES, settings }, [{ topic: 'settings', id: 'settings', record: null }]).settings).toBe(settings);
  });
});

describe('selectors', () => {
  it('puts the newest first', () => { const times = newestFirst(RUNS).map((r) => r.created_at); expect(times).toEqual(times.toSorted((a, b) => b - a)); });
  it('knows what computes now', () => { expect(RUNS.filter(isLive).map((r) => r.status)).toEqual(['running']); });
  it('lists the checkpoints of one run, latest step first', () => { const list = checkpointsOf(CHECKPOINTS, 'r-done'); expect(list.map((c) => c.step)).toEqual([600, 400]); });
  it('takes the demo that started last', () => { expect(latestDemo([demo({ id: 'a', started_at: 1 }), demo({ id: 'b', started_at: 2 })])?.id).toBe('b'); expect(latestDemo([])).toBeNull(); });
  it('knows when a demo works', () => { expect((['base', 'training', 'tuned', 'done', 'failed', 'cancelled'] as const).filter((status) => demoUnderWay(demo({ status })))).toEqual(['base', 'training', 'tuned']); });
});

describe('visibleParts', () => {
  const text = (s: string): string => visibleParts(s).map((p) => (p.hidden ? `[${p.text}]` : p.text)).join('');
  it('names what hides or reorders text', () => {
    expect(text('a\u202eb\u200b\u0007\ufeff')).toBe('a[RLO]b[ZWSP][BEL][BOM]');
    expect(text('lone \ud800 half')).toBe('lone [U+D800] half');
  });
  it('leaves ordinary text, line ends and emoji alone', () => { for (const s of ['青石镇', 'a\tb\nc', '👩‍👩‍👧 ok', 'café', '𝒳']) expect(text(s)).toBe(s); });
  it('loses nothing: the shown parts are the text in order', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (s) => { let at = 0; for (const p of visibleParts(s)) { if (p.hidden) at++; else { expect(s.startsWith(p.text, at)).toBe(true); at += p.text.length; } } expect(at).toBe(s.length); }));
  });
});

describe('the demo', () => {
  const d = (low: number, high: number): NonNullable<Demo['difference']> => ({ mean: (low + high) / 2, low, high, p: 0.5 });
  it('is undecided when the interval holds zero', () => { expect([d(0.1, 0.2), d(-0.1, 0.2), d(-0.2, -0.1), d(0, 0.1)].map(verdict)).toEqual(['better', 'undecided', 'worse', 'undecided']); });
  it('never writes p = 0', () => { expect(pText(0, String)).toBe('p < 0.001'); expect(pText(0.04, String)).toBe('p = 0.04'); });
  it('counts as the table does', () => { expect(matches('a  b', ' a b\n')).toBe(true); expect(matches('a', 'A')).toBe(false); });
});

describe('rows and routes', () => {
  it('gives every kind of row as parts', () => { for (const dataset of DATASETS) for (let i = 0; i < 8; i++) expect(rowParts(row(dataset, i)).every((p) => p.role !== '' && p.text !== '')).toBe(true); });
  it('escapes ids and leaves out what is not given', () => {
    expect(routes.run('a/b c')).toBe('/runs/a%2Fb%20c');
    expect(routes.train()).toBe('/train');
    expect(routes.train({ clone: 'r1' })).toBe('/train?clone=r1');
    expect(routes.model('x').startsWith(patterns.model.replace(':id', ''))).toBe(true);
  });
});
