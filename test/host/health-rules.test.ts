/** Each health rule on invented curves: one that it must name, and ones that it must leave alone. A new rule needs its line in CASES. */
import { describe, expect, test } from 'vitest';
import { HEALTH_RULES, healthFindings, ruleOf, type HealthSeries, type Point, type RuleId } from '../../src/shared/health/index.ts';
import { change } from '../../src/shared/health/series-facts.ts';
import { METRICS } from '../../src/shared/metrics.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';

let seed = 7;
const noise = (): number => { seed = (seed * 16_807) % 2_147_483_647; return seed / 2_147_483_647 - 0.5; };
const line = (n: number, at: (i: number) => number, every = 1): Point[] => Array.from({ length: n }, (_, i) => ({ step: (i + 1) * every, value: at(i) }));
const probes = (...values: number[]): Point[] => values.map((value, i) => ({ step: i * 50, value }));
const noisyFall = line(60, (i) => 0.69 * Math.exp(-i / 40) + 0.1 * noise());

const CASES: Record<RuleId, { fires: HealthSeries; values: Record<string, number>; silent: HealthSeries[] }> = {
  'loss-spike': {
    fires: { loss: [...line(30, () => 1), { step: 31, value: 5 }, { step: 32, value: 1.1 }] }, values: { value: 5, usual: 1 },
    silent: [{ loss: noisyFall }, { loss: [...line(30, () => 1), { step: 31, value: 1.3 }] }, { loss: [{ step: 1, value: 1 }, { step: 2, value: 50 }] }, { loss: [...line(30, () => 1), { step: 31, value: 5 }, ...line(6, () => 1).map((p) => ({ ...p, step: p.step + 31 }))] }],
  },
  'gradient-explosion': {
    fires: { grad_norm: [...line(30, () => 2), ...[40, 50, 60].map((value, i) => ({ step: 31 + i, value }))] }, values: { value: 50, usual: 2 },
    silent: [{ grad_norm: [...line(30, () => 2), { step: 31, value: 500 }] }, { grad_norm: line(40, () => 2 + noise()) }, { grad_norm: line(5, (i) => 10 ** i) }],
  },
  'kl-limit': { fires: { 'probe/kl': probes(0, 0.3, 0.6) }, values: { value: 0.6, limit: 0.5 }, silent: [{ 'probe/kl': probes(0, 0.6, 0.4) }, {}] },
  'length-drift': { fires: { 'probe/length': probes(20, 25, 34) }, values: { from: 20, to: 34 }, silent: [{ 'probe/length': probes(20, 29) }, { 'probe/length': probes(4, 9) }, { 'probe/length': probes(20) }] },
  'repetition-rising': { fires: { 'probe/repetition': probes(0.05, 0.2), 'probe/loops': probes(0, 0.125) }, values: { from: 0.05, to: 0.2, loops: 0.125 }, silent: [{ 'probe/repetition': probes(0.3, 0.35), 'probe/loops': probes(0.5, 0.5) }] },
  'refusals-rising': { fires: { 'probe/refusals': probes(0, 0.25) }, values: { from: 0, to: 0.25 }, silent: [{ 'probe/refusals': probes(0.5, 0.625) }, { 'probe/refusals': probes(0.5, 0) }] },
  'entropy-collapse': { fires: { 'probe/entropy': probes(1.2, 0.6, 0.2) }, values: { from: 1.2, to: 0.2 }, silent: [{ 'probe/entropy': probes(1.2, 0.5) }, { 'probe/entropy': probes(0.01, 0.001) }] },
  saturated: {
    fires: { 'rewards/accuracies': line(60, (i) => (i < 20 ? 0.7 : 1)), 'rewards/chosen': line(60, (i) => -i / 60) }, values: { accuracy: 1 },
    silent: [{ 'rewards/accuracies': line(60, () => 1), 'rewards/chosen': line(60, (i) => i / 60) }, { 'rewards/accuracies': line(60, () => 0.9), 'rewards/chosen': line(60, (i) => -i / 60) }],
  },
  overfit: {
    fires: { 'rewards/accuracies': line(100, (i) => 0.6 + i / 400), 'eval_rewards/accuracies': [{ step: 50, value: 0.8 }, { step: 100, value: 0.72 }] }, values: { best: 0.8, bestStep: 50, last: 0.72 },
    silent: [{ 'rewards/accuracies': line(100, (i) => 0.6 + i / 400), 'eval_rewards/accuracies': [{ step: 50, value: 0.8 }, { step: 100, value: 0.79 }] }, { 'rewards/accuracies': line(100, (i) => 0.9 - i / 400), 'eval_rewards/accuracies': [{ step: 50, value: 0.8 }, { step: 100, value: 0.6 }] }],
  },
  'at-chance': {
    fires: { 'rewards/accuracies': line(150, (i) => (i % 2 === 0 ? 0.25 : 0.75)) }, values: { value: 0.5, points: 50 },
    silent: [{ 'rewards/accuracies': line(60, (i) => (i % 2 === 0 ? 0.25 : 0.75)) }, { 'rewards/accuracies': line(150, (i) => (i % 2 === 0 ? 0.5 : 0.9)) }],
  },
  'margin-flat': { fires: { 'rewards/margins': line(80, () => 0.02 * noise()) }, values: {}, silent: [{ 'rewards/margins': line(80, (i) => i / 80 + 0.2 * noise()) }, { 'rewards/margins': line(40, () => 0.02 * noise()) }] },
  'both-fall': {
    fires: { 'rewards/chosen': line(60, (i) => -i / 60 + 0.05 * noise()), 'rewards/rejected': line(60, (i) => -i / 20 + 0.05 * noise()), 'rewards/margins': line(60, (i) => i / 30) }, values: {},
    silent: [{ 'rewards/chosen': line(60, (i) => i / 60), 'rewards/rejected': line(60, (i) => -i / 20), 'rewards/margins': line(60, (i) => i / 15) }, { 'rewards/chosen': line(60, (i) => -i / 20), 'rewards/rejected': line(60, (i) => -i / 60), 'rewards/margins': line(60, (i) => -i / 30) }],
  },
};

describe.each(HEALTH_RULES.map((r) => r.id))('%s', (id) => {
  const rule = ruleOf(id), { fires, values, silent } = CASES[id];
  test('is named where it holds, with its numbers, and said in one sentence', () => {
    const found = rule.find(fires, {});
    expect(found).not.toBeNull();
    expect(found?.values).toMatchObject(Object.fromEntries(Object.entries(values).map(([k, v]) => [k, expect.closeTo(v, 6)])));
    const points = rule.looksAt.flatMap((m) => fires[m] ?? []);
    expect(points.some((p) => p.step === found?.step)).toBe(true);
    expect(rule.say(found?.values ?? {})).toMatch(/^[A-Z].*\.$/);
    expect(rule.say(found?.values ?? {})).not.toMatch(/NaN|undefined/);
    expect(healthFindings(fires).map((f) => f.rule)).toContain(id);
  });
  test('is silent elsewhere, and without data', () => {
    for (const [i, series] of [...silent, {}].entries()) expect(rule.find(series, {}), `case ${i}`).toBeNull();
  });
  test('looks at metrics that exist, and says where it comes from', () => {
    for (const m of rule.looksAt) expect(Object.keys(METRICS)).toContain(m);
    expect(rule.source.length).toBeGreaterThan(10);
  });
});

test('thresholds can be changed by a recipe, one at a time', () => {
  const { health } = recipe.parse({ method: 'dpo', model: 'm', data: { train: 'd' }, health: { limits: { 'kl-limit': { limit: 0.2 }, 'length-drift': { ratio: 3 } } } });
  expect(healthFindings({ 'probe/kl': probes(0, 0.3), 'probe/length': probes(20, 50) }, health?.limits).map((f) => f.rule)).toEqual(['kl-limit']);
  expect(healthFindings({ 'probe/kl': probes(0, 0.3), 'probe/length': probes(20, 50) }).map((f) => f.rule)).toEqual(['length-drift']);
});

test('the gravest comes first', () => {
  expect(healthFindings({ ...CASES['both-fall'].fires, ...CASES['kl-limit'].fires, ...CASES['loss-spike'].fires }).map((f) => f.severity)).toEqual(['bad', 'warn', 'fact']);
});

test('a change is two standard errors and two percent', () => {
  expect(change(line(10, () => 1), 5)).toMatchObject({ direction: 'flat', from: 1, to: 1 });
  expect(change(line(10, (i) => i), 5)).toMatchObject({ direction: 'up', from: 1, to: 8 });
  expect(change(line(10, (i) => -i), 5)?.direction).toBe('down');
  expect(change(line(50, (i) => 100 + i / 100), 5)?.direction).toBe('flat');
  expect(change(line(4, (i) => i), 5)).toBeNull();
});
