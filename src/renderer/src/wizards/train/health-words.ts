/** What is watched, in one line of the review. */
import type { TFunction } from 'i18next';
import { isProbed, type RuleId } from '../../../../shared/health/index.ts';
import { healthOf } from '../../../../shared/schema/health.ts';
import type { Recipe } from '../../../../shared/schema/recipe.ts';
import type { Format } from '../../i18n/format.ts';

export function healthWords(r: Recipe, t: TFunction<'health'>, f: Format): string {
  const { probes, pause_on, limits } = healthOf(r), samples = r.samples.prompts.length, names = (ids: readonly RuleId[]): string => f.list(ids.map((id) => t(`name.${id}`)));
  const changed = (Object.keys(limits) as RuleId[]).filter((id) => Object.keys(limits[id] ?? {}).length > 0);
  return [
    ...(isProbed(r.method) ? [samples > 0 ? t('wizard.reviewSamples', { count: samples, n: f.number(samples) }) : probes > 0 ? t('wizard.reviewProbes', { count: probes, n: f.number(probes) }) : t('wizard.reviewNoProbes')] : []),
    pause_on.length > 0 ? t('wizard.reviewPauses', { rules: names(pause_on) }) : t('wizard.reviewNever'),
    ...(changed.length > 0 ? [t('wizard.reviewLimits', { rules: names(changed) })] : []),
  ].join(f.locale.startsWith('zh') ? '；' : '; ');
}
