/** Rank and scale of one layer of an adapter, by peft's rules for rank_pattern, alpha_pattern and use_rslora. */

export interface ScaleRule { r: number; lora_alpha: number; use_rslora: boolean; rank_pattern: Readonly<Record<string, number>>; alpha_pattern: Readonly<Record<string, number>> }

/** The value of the first pattern that matches a module: a key is a regular expression for the end of the name, after a dot or from its start. A key that is not a regular expression matches nothing. */
export function patternValue(patterns: Readonly<Record<string, number>>, module: string, fallback: number): number {
  for (const [key, value] of Object.entries(patterns)) {
    let pattern: RegExp;
    try { pattern = new RegExp(`^(?:.*\\.)?(?:${key})$`); } catch { continue; }
    if (pattern.test(module)) return value;
  }
  return fallback;
}

export function layerRank(rule: Pick<ScaleRule, 'r' | 'rank_pattern'>, module: string): number { return patternValue(rule.rank_pattern, module, rule.r); }

/** lora_alpha / r, or lora_alpha / sqrt(r) with rsLoRA. */
export function layerScale(rule: Omit<ScaleRule, 'r' | 'rank_pattern'>, module: string, r: number): number {
  return patternValue(rule.alpha_pattern, module, rule.lora_alpha) / (rule.use_rslora ? Math.sqrt(r) : r);
}
