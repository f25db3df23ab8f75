/** What the window derives for methods that learn from preferences: pictures with words, offered data, controls that matter, checks. */
import { describe, expect, test } from 'vitest';
import { METHOD_IDS, METHODS, curveOf } from '../../src/shared/methods/index.ts';
import { METRICS } from '../../src/shared/metrics.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import type { Review } from '../../src/shared/schema/review.ts';
import { sideFindings } from '../../src/renderer/src/pages/run/run-findings.ts';
import { tabsOf } from '../../src/renderer/src/pages/run/metric-tabs.ts';
import { plotsOf } from '../../src/renderer/src/pages/run/preference-plots.ts';
import { emptyDraft } from '../../src/renderer/src/wizards/train/draft.ts';
import { isComplete } from '../../src/renderer/src/wizards/train/draft-store.ts';
import { fits, offered } from '../../src/renderer/src/wizards/train/method-order.ts';
import { isShown, paramFields } from '../../src/renderer/src/wizards/train/param-fields.ts';
import { preferenceChecks } from '../../src/renderer/src/wizards/train/review-checks.ts';
import en from '../../src/renderer/src/i18n/locales/en/run.json' with { type: 'json' };
import zh from '../../src/renderer/src/i18n/locales/zh-CN/run.json' with { type: 'json' };

const recipeFor = (method: string, train: object = {}) => recipe.parse({ method, model: 'm', data: { train: 'd' }, train });

describe('pictures of a run', () => {
  test.each(METHOD_IDS)('%s: every preference metric that it measures is drawn once, with an explanation in both languages', (method) => {
    const plots = plotsOf(recipeFor(method)), drawn = plots.flatMap((p) => p.lines.map((l) => l.name));
    const declared = METHODS[method].metrics.filter((m) => METRICS[m].group === 'preference');
    expect([...drawn].sort()).toEqual([...new Set([...declared, ...(METHODS[method].metrics.includes('nll_loss' as never) ? ['nll_loss'] : [])])].sort());
    for (const p of plots) for (const words of [en, zh]) expect((words.preference.help as Record<string, string>)[p.help]?.length, p.help).toBeGreaterThan(20);
  });
  test('what a number means follows from how the method forms it', () => {
    const help = (method: string, train?: object) => plotsOf(recipeFor(method, train)).find((p) => p.id === 'rewards')?.help;
    expect([help('dpo'), help('kto'), help('cpo'), help('cpo', { loss_type: 'simpo' }), help('orpo')]).toEqual(['rewards', 'rewardsLabelled', 'rewardsFree', 'rewardsMean', 'rewardsMean']);
  });
  test('the big chart offers only what is measured; the list shows the margin', () => {
    expect(tabsOf('sft').map((t) => t.id)).toEqual(['loss', 'accuracy', 'lr', 'grad', 'speed', 'memory']);
    expect(tabsOf('reward').find((t) => t.id === 'preferred')?.train).toBe('accuracy');
    expect([curveOf('sft'), curveOf('dpo'), curveOf('kto'), curveOf('reward')]).toEqual(['loss', 'rewards/margins', 'rewards/margins', 'margin']);
  });
  test('held-out preference takes the place of token accuracy', () => {
    const s = (name: string, values: number[]) => ({ name, steps: values.map((_, i) => i + 1), x: values.map((_, i) => i + 1), mean: values, min: values, max: values, count: values.length });
    const found = sideFindings({ eval_mean_token_accuracy: s('a', [0.5]), 'eval_rewards/accuracies': s('b', [0.5, 0.8]), 'eval_rewards/margins': s('c', [0, 1.2]) }, 0);
    expect(found).toEqual([{ kind: 'preferred', judgement: 'neutral', value: 0.8, first: 0.5, margin: 1.2, step: 2 }]);
  });
});

describe('wizard', () => {
  test('every method is offered once, and knows its rows', () => {
    expect(offered().flatMap((g) => g.methods).sort()).toEqual([...METHOD_IDS].sort());
    expect([fits('dpo', 'preference'), fits('dpo', 'messages'), fits('kto', 'preference'), fits('kto', 'unpaired-preference'), fits('sft', 'preference')]).toEqual([true, false, true, true, false]);
    expect(isComplete('data', { ...emptyDraft(), data: { train: 'd' } }, 0, false)).toBe(false);
  });
  test('parameters without effect are out of sight until they matter or were changed', () => {
    const shown = (train: object) => { const d = { ...emptyDraft(), method: 'dpo' as const, train: { ...train } }, fields = paramFields('dpo', {}); return fields.filter((f) => isShown(d, fields, f)).map((f) => f.name); };
    expect(shown({})).not.toContain('discopop_tau');
    expect(shown({ loss_type: ['sigmoid', 'discopop'] })).toContain('discopop_tau');
    expect(shown({ discopop_tau: 0.1 })).toContain('discopop_tau');
    expect(shown({ loss_weights: [1, 2] })).not.toContain('loss_weights');
  });
  test('checks tell what the host judged', () => {
    const p = { pairs: 100, desirable: 0, undesirable: 0, identical: 2, too_long: 0, chosen_median: 12, rejected_median: 6, chosen_longer: 0.9 };
    const of = (over: object, codes: string[]) => preferenceChecks({ stats: { preference: { ...p, ...over } }, issues: codes.map((code) => ({ code, level: 'warn', path: '', message: '' })) } as unknown as Review).map((c) => c.key);
    expect(of({}, ['length-bias'])).toEqual(['pairs', 'identicalSome', 'lengthChosen']);
    expect(of({ identical: 0, chosen_longer: 0.5 }, [])).toEqual(['pairs', 'identicalNone', 'lengthEven']);
    expect(of({ pairs: 0, desirable: 9, chosen_longer: null }, ['one-class'])).toEqual(['labelsOne']);
  });
});
