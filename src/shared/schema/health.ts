/** The `health` section of a recipe: what is probed at each evaluation, which rules pause the run, and their thresholds. Without it a run is probed and told of, never paused. */
import { z } from 'zod';
import { HEALTH_RULES, RULE_IDS, type HealthLimits, type RuleId } from '../health/index.ts';

const ruleLimits = (id: RuleId): z.ZodType<Record<string, number>> => {
  const { limits } = HEALTH_RULES.find((r) => r.id === id)!;
  return z.strictObject(Object.fromEntries(Object.keys(limits).map((name) => [name, z.number().min(0).optional()]))) as unknown as z.ZodType<Record<string, number>>;
};

export const recipeHealth = z.strictObject({
  /** Probe prompts of a preference run without samples.prompts: the first of the held-out rows (without those, of the training rows). 0: no probes of rows. */
  probes: z.number().int().min(0).max(32).default(8),
  /** Rules that pause the run with a checkpoint when they begin to hold. */
  pause_on: z.array(z.enum(RULE_IDS)).default([]),
  /** Thresholds by rule and name, where they are not the default. */
  limits: z.strictObject(Object.fromEntries(RULE_IDS.map((id) => [id, ruleLimits(id).optional()]))).default({}) as unknown as z.ZodDefault<z.ZodType<HealthLimits>>,
});
export type RecipeHealth = z.infer<typeof recipeHealth>;

/** A recipe's section, or the defaults. */
export const healthOf = (recipe: { health?: RecipeHealth | undefined }): RecipeHealth => recipe.health ?? { probes: 8, pause_on: [], limits: {} };
