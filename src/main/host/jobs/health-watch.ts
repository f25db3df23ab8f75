/** The health rules over the metrics of a running attempt. A rule speaks when it begins to hold, not while it goes on: what held when the attempt began was seen by whoever resumed the run, and does not pause it again. */
import { healthFindings, ruleOf, WATCHED, type HealthFinding, type HealthSeries, type Point, type RuleId } from '../../../shared/health/index.ts';
import type { MetricId } from '../../../shared/metrics.ts';
import { healthOf } from '../../../shared/schema/health.ts';
import type { Recipe } from '../../../shared/schema/recipe.ts';

/** Points of a metric that are kept: every other one goes when there are more, except the newest ones, which rules compare one by one. */
const KEEP = 1200;
const NEWEST = 200;

export interface HealthNews { finding: HealthFinding; text: string; pauses: boolean }

export class HealthWatch {
  readonly #series: Partial<Record<MetricId, Point[]>> = {};
  readonly #recipe: Recipe;
  #holds: ReadonlySet<RuleId>;

  /** `before`: the run's metrics up to where the attempt goes on. */
  constructor(recipe: Recipe, before: HealthSeries = {}) {
    this.#recipe = recipe;
    for (const name of WATCHED) this.#series[name] = [...(before[name] ?? [])];
    this.#holds = new Set(this.#find().map((f) => f.rule));
  }

  /** What began to hold with these values; facts are for the window and are not told. */
  add(step: number, values: Readonly<Record<string, number>>): HealthNews[] {
    let touched = false;
    for (const name of WATCHED) {
      const value = values[name], points = this.#series[name]!;
      if (value === undefined || !Number.isFinite(value)) continue;
      points.push({ step, value });
      if (points.length > KEEP) this.#series[name] = points.filter((_, i) => i === 0 || i % 2 === 0 || i >= points.length - NEWEST);
      touched = true;
    }
    if (!touched) return [];
    const { pause_on } = healthOf(this.#recipe), found = this.#find(), old = this.#holds;
    this.#holds = new Set(found.map((f) => f.rule));
    return found.filter((f) => !old.has(f.rule) && (f.severity !== 'fact' || pause_on.includes(f.rule))).map((finding) => ({ finding, text: ruleOf(finding.rule).say(finding.values), pauses: pause_on.includes(finding.rule) }));
  }

  #find(): HealthFinding[] { return healthFindings(this.#series, healthOf(this.#recipe).limits); }
}

/** Metrics that the watch needs of a run that goes on. */
export const WATCHED_METRICS: readonly string[] = WATCHED;
