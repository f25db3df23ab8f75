/** One row as text: its turns with their roles, or its parts. Never HTML. */
import { IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RowView } from '../../../../shared/schema/data.ts';
import { useFormat } from '../../i18n/format.ts';
import { Pill, TextView } from '../../ui/index.ts';
import './datasets.css';
import { PairView } from './pair-view.tsx';
import { rowParts } from './row-parts.ts';

const KNOWN = ['system', 'user', 'assistant', 'tool'] as const;
type Known = (typeof KNOWN)[number];
export const RowCard = memo(function RowCard({ row, mark = '', oneLine = false }: { row: RowView; mark?: string; oneLine?: boolean }) {
  const { t } = useTranslation('datasets'), f = useFormat(), parts = rowParts(row);
  const label = (role: string): string => ((KNOWN as readonly string[]).includes(role) ? t(`role.${role as Known}`) : role === 'prompt' || role === 'completion' || role === 'text' || role === 'chosen' || role === 'rejected' ? t(`role.${role}`) : role);
  const pair = row.kind === 'preference' && !oneLine, shown = pair ? parts.filter((p) => p.role === 'prompt') : parts;
  const tags = Object.entries(row.tags ?? {});
  return (
    <article className="row-card" data-lines={oneLine} aria-label={t('page.row', { n: f.number(row.index + 1) })}>
      <span className="row-n">{f.number(row.index + 1)}</span>
      <div className="row-parts">
        {shown.map((p, i) => <div className="row-part" data-role={p.role} key={i}><span className="row-role">{label(p.role)}</span><div className={oneLine ? 'row-text ellipsis' : 'row-text'}><TextView text={p.text} mark={mark} oneLine={oneLine} /></div></div>)}
        {pair && <PairView chosen={row.chosen ?? ''} rejected={row.rejected ?? ''} mark={mark} />}
      </div>
      {(tags.length > 0 || row.label !== undefined || row.margin !== undefined) && <span className="row-tags">
        {row.label !== undefined && <Pill tone={row.label ? 'good' : 'bad'}>{row.label ? <IconThumbUp size={12} aria-hidden /> : <IconThumbDown size={12} aria-hidden />}{t(row.label ? 'pair.up' : 'pair.down')}</Pill>}
        {row.margin !== undefined && <Pill>{t('pair.margin', { value: f.number(row.margin) })}</Pill>}
        {tags.map(([k, v]) => <Pill key={k}>{k}: {v}</Pill>)}</span>}
    </article>
  );
});
