/** The health section in the wizard: draft and recipe are one thing, rules follow what a method measures, words exist for every rule and limit. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HEALTH_RULES, RULE_IDS, ruleOf } from '../../src/shared/health/index.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import { draftOf, emptyDraft, recipeOf, type Draft } from '../../src/renderer/src/wizards/train/draft.ts';
import { invalidHealth, rulesFor, withLimit, withPause, withProbes } from '../../src/renderer/src/wizards/train/health-draft.ts';
import en from '../../src/renderer/src/i18n/locales/en/health.json' with { type: 'json' };
import zh from '../../src/renderer/src/i18n/locales/zh-CN/health.json' with { type: 'json' };

const dpo = (x: Partial<Draft> = {}): Draft => ({ ...emptyDraft(), method: 'dpo', model: 'm', data: { train: 'd', eval: 'e' }, ...x });

describe('draft', () => {
  test('nothing chosen: no health section', () => { expect(recipeOf(dpo({ health: withPause(withPause({}, 'kl-limit', true), 'kl-limit', false) }))).not.toHaveProperty('health'); });
  test('what was chosen is in the recipe, and comes back', () => {
    const health = withLimit(withPause(withProbes({}, 12), 'kl-limit', true), ruleOf('kl-limit'), 'limit', 0.2);
    const made = recipe.parse(recipeOf(dpo({ health })));
    expect(made.health).toEqual({ probes: 12, pause_on: ['kl-limit'], limits: { 'kl-limit': { limit: 0.2 } } });
    expect(draftOf(made).health).toEqual(health);
    expect(recipe.parse(recipeOf(draftOf(made)))).toEqual(made);
  });
  test('a default is forgotten, a half-typed number is refused', () => {
    const rule = ruleOf('overfit'), changed = withLimit({}, rule, 'fall', 0.1);
    expect(recipeOf(dpo({ health: withLimit(changed, rule, 'fall', rule.limits['fall']) }))).not.toHaveProperty('health');
    expect(invalidHealth(changed)).toBe(false);
    for (const bad of [withLimit({}, rule, 'fall', undefined), withLimit({}, rule, 'fall', -1), withProbes({}, 33), withProbes({}, 1.5), withProbes({}, undefined)]) expect(invalidHealth(bad)).toBe(true);
  });
});

describe('rules', () => {
  const ids = (d: Draft): string[] => rulesFor(d).map((x) => x.rule.id), lackOf = (d: Draft, id: string): string | null | undefined => rulesFor(d).find((x) => x.rule.id === id)?.lack;
  test('a method shows what it measures', () => {
    expect(ids(dpo())).toEqual([...RULE_IDS]);
    expect(ids(dpo({ method: 'sft' }))).toEqual(['loss-spike', 'gradient-explosion']);
    expect(ids(dpo({ method: 'kto' }))).not.toContain('at-chance');
  });
  test('what keeps a rule silent is said', () => {
    expect(lackOf(dpo(), 'overfit')).toBeNull();
    expect(lackOf(dpo({ data: { train: 'd' } }), 'overfit')).toBe('needsHeldOut');
    expect(lackOf(dpo({ health: { probes: 0 } }), 'kl-limit')).toBe('needsProbes');
    expect(lackOf(dpo({ health: { probes: 0 }, samples: { prompts: ['Hello'] } }), 'kl-limit')).toBeNull();
    expect(lackOf(dpo({ method: 'sft', health: { pause_on: ['overfit'] } }), 'overfit')).toBe('notMeasured');
  });
});

test.each(HEALTH_RULES.map((r) => r.id))('%s has its words in both languages', (id) => {
  for (const words of [en, zh]) {
    expect(words.name[id]).toBeTruthy();
    expect(words.when[id]).toBeTruthy();
    expect(Object.keys(words.limit[id])).toEqual(Object.keys(ruleOf(id).limits));
  }
});

test.each(HEALTH_RULES.map((r) => r.id))('the how-to names %s with its limits as they are', (id) => {
  const page = readFileSync(new URL('../../docs/how-to/health.md', import.meta.url), 'utf8'), line = page.split('\n').find((l) => l.startsWith(`| \`${id}\``)) ?? '';
  for (const [name, value] of Object.entries(ruleOf(id).limits)) expect(line).toMatch(new RegExp(`[ ,]${name} ${String(value).replace('.', String.raw`\.`)}\\b`));
});
