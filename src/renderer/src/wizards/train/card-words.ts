/** What is known of a graphics card's memory, in one line: never a number that nobody measured. */
import type { TFunction } from 'i18next';
import type { CardMemory } from '../../../../shared/schema/device.ts';
import type { Format } from '../../i18n/format.ts';

export function cardWords({ name, total, free, source, limit, cards }: CardMemory, t: TFunction<'train'>, f: Format): string {
  const has = total === null || source === null ? t('card.unknown') : free === null ? t('card.total', { total: f.bytes(total) }) : t('card.free', { total: f.bytes(total), free: f.bytes(free) });
  const from = source === null ? '' : t(`card.source.${source}`);
  const parts = [...(name === null ? [] : [cards > 1 ? t('card.several', { name, n: f.number(cards) }) : name]), from === '' ? has : t('card.from', { has, from }), ...(limit === null ? [] : [t('card.limit', { limit: f.bytes(limit) })])];
  return parts.join(f.locale.startsWith('zh') ? '，' : ', ');
}
