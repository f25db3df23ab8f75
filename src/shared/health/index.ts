/** The registry of health rules, one line each, and what holds now. */
import type { MetricId } from '../metrics.ts';
import { atChance } from './at-chance.ts';
import { bothFall } from './both-fall.ts';
import { entropyCollapse } from './entropy-collapse.ts';
import { gradientExplosion } from './gradient-explosion.ts';
import { klLimit } from './kl-limit.ts';
import { lengthDrift } from './length-drift.ts';
import { lossSpike } from './loss-spike.ts';
import { marginFlat } from './margin-flat.ts';
import { overfit } from './overfit.ts';
import { refusalsRising } from './refusals-rising.ts';
import { repetitionRising } from './repetition-rising.ts';
import type { Found, HealthRule, HealthSeries, Severity } from './rule.ts';
import { saturated } from './saturated.ts';

export const HEALTH_RULES = [lossSpike, gradientExplosion, klLimit, lengthDrift, repetitionRising, refusalsRising, entropyCollapse, saturated, overfit, atChance, marginFlat, bothFall] as const;
export type RuleId = (typeof HEALTH_RULES)[number]['id'];
export const RULE_IDS = HEALTH_RULES.map((r) => r.id) as [RuleId, ...RuleId[]];
/** Every metric that a rule looks at. */
export const WATCHED: readonly MetricId[] = [...new Set(HEALTH_RULES.flatMap((r) => r.looksAt))];
export type HealthLimits = Partial<Record<RuleId, Readonly<Record<string, number>>>>;
export interface HealthFinding extends Found { rule: RuleId; severity: Severity }

/** Methods whose runs answer probe prompts: what they move is how the model answers. */
export const PROBED_METHODS = ['dpo', 'kto', 'bco', 'cpo', 'orpo'] as const;
export const isProbed = (method: string): boolean => PROBED_METHODS.some((m) => m === method);
/** True where a run of this method measures what the rule looks at; `metrics`: those that the method declares. */
export const measures = (method: string, metrics: readonly MetricId[], rule: HealthRule): boolean => rule.looksAt.every((m) => (m.startsWith('probe/') ? isProbed(method) : metrics.includes(m)));

export const ruleOf = (id: RuleId): HealthRule & { id: RuleId } => HEALTH_RULES.find((r) => r.id === id)!;

/** The rules that hold now, the gravest first. */
export function healthFindings(series: HealthSeries, limits: HealthLimits = {}): HealthFinding[] {
  const order: Severity[] = ['bad', 'warn', 'fact'];
  return HEALTH_RULES.flatMap((rule): HealthFinding[] => {
    const found = rule.find(series, limits[rule.id] ?? {});
    return found === null ? [] : [{ ...found, rule: rule.id, severity: rule.severity }];
  }).toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}
export type { Found, HealthRule, HealthSeries, Point, Severity } from './rule.ts';
