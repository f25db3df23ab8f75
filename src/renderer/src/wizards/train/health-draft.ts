/** The recipe's `health` section while it is being made: only what was chosen, and whether the schema takes it. Pure. */
import { HEALTH_RULES, isProbed, measures, type HealthRule, type RuleId } from '../../../../shared/health/index.ts';
import { METHODS } from '../../../../shared/methods/index.ts';
import type { Recipe } from '../../../../shared/schema/recipe.ts';
import { healthOf } from '../../../../shared/schema/health.ts';
import type { Draft } from './draft.ts';

/** A number that is half typed is undefined, and refused. */
export interface HealthDraft { probes?: number | undefined; pause_on?: RuleId[]; limits?: Partial<Record<RuleId, Record<string, number | undefined>>> }
export const DEFAULT_PROBES = healthOf({}).probes;
export const MOST_PROBES = 32;

/** As the schema takes it; undefined where everything is as it would be anyway. */
export function healthSection(h: HealthDraft): Record<string, unknown> | undefined {
  const limits = Object.fromEntries(Object.entries(h.limits ?? {}).filter(([, own]) => Object.keys(own).length > 0));
  const out = { ...('probes' in h ? { probes: h.probes } : {}), ...((h.pause_on ?? []).length > 0 ? { pause_on: h.pause_on } : {}), ...(Object.keys(limits).length > 0 ? { limits } : {}) };
  return Object.keys(out).length === 0 ? undefined : out;
}
/** What differs from the defaults in a checked recipe. */
export function healthDraft(r: Recipe): HealthDraft {
  const { probes, pause_on, limits } = healthOf(r);
  return { ...(probes === DEFAULT_PROBES ? {} : { probes }), ...(pause_on.length > 0 ? { pause_on: [...pause_on] } : {}), ...(Object.keys(limits).length > 0 ? { limits: Object.fromEntries(Object.entries(limits).map(([id, own]) => [id, { ...own }])) } : {}) };
}

export function withPause(h: HealthDraft, id: RuleId, on: boolean): HealthDraft {
  const { pause_on = [], ...rest } = h, next = on ? [...pause_on.filter((x) => x !== id), id] : pause_on.filter((x) => x !== id);
  return next.length > 0 ? { ...rest, pause_on: next } : rest;
}
/** A limit that equals its default is forgotten. */
export function withLimit(h: HealthDraft, rule: HealthRule & { id: RuleId }, name: string, value: number | undefined): HealthDraft {
  const { [name]: _, ...own } = h.limits?.[rule.id] ?? {};
  return { ...h, limits: { ...h.limits, [rule.id]: value === rule.limits[name] ? own : { ...own, [name]: value } } };
}
export function withProbes(h: HealthDraft, probes: number | undefined): HealthDraft {
  const { probes: _, ...rest } = h;
  return probes === DEFAULT_PROBES ? rest : { ...rest, probes };
}
export const limitOf = (h: HealthDraft, rule: HealthRule & { id: RuleId }, name: string): number | undefined => { const own = h.limits?.[rule.id]; return own !== undefined && name in own ? own[name] : rule.limits[name]; };
export const hasLimits = (h: HealthDraft, id: RuleId): boolean => Object.keys(h.limits?.[id] ?? {}).length > 0;

const badLimit = (v: number | undefined): boolean => v === undefined || !Number.isFinite(v) || v < 0;
const badProbes = (h: HealthDraft): boolean => 'probes' in h && (h.probes === undefined || !Number.isInteger(h.probes) || h.probes < 0 || h.probes > MOST_PROBES);
export const invalidHealth = (h: HealthDraft): boolean => badProbes(h) || Object.values(h.limits ?? {}).some((own) => Object.values(own).some(badLimit));
export { badLimit, badProbes };

export type Lack = 'needsHeldOut' | 'needsProbes' | 'notMeasured';
/** The rules that this draft's run can speak of, and those chosen although it cannot; with what is missing. */
export interface ShownRule { rule: HealthRule & { id: RuleId }; lack: Lack | null }
export function rulesFor(d: Draft): ShownRule[] {
  const h = d.health ?? {}, { metrics } = METHODS[d.method], asked = d.samples.prompts.some((p) => p.trim() !== '') || h.probes !== 0;
  return HEALTH_RULES.flatMap((rule): ShownRule[] => {
    if (!measures(d.method, metrics, rule)) return h.pause_on?.includes(rule.id) === true ? [{ rule, lack: 'notMeasured' }] : [];
    const probe = rule.looksAt.some((m) => m.startsWith('probe/')), held = rule.looksAt.some((m) => m.startsWith('eval_'));
    return [{ rule, lack: probe && !asked ? 'needsProbes' : held && (d.data.eval ?? '') === '' ? 'needsHeldOut' : null }];
  });
}
export const asksProbes = (d: Draft): boolean => isProbed(d.method);
