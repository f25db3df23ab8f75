/** What it learns from, and what it is measured on. */
import { IconTable } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Dataset } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useDatasets, useReady } from '../../state/entities.ts';
import { useCall } from '../../state/use-call.ts';
import { Card, EmptyState, LinkButton, NumberField, Pill, SelectField, Skeleton, TextView } from '../../ui/index.ts';
import { DEFAULT_EVAL_ROWS } from './draft.ts';
import { useDraft } from './draft-store.ts';
import { EntityList } from './entity-list.tsx';
import { fits, kindsFor } from './method-order.ts';

const NONE = '';

export function StepData() {
  const { t } = useTranslation('train'), f = useFormat();
  const datasets = useDatasets(), ready = useReady();
  const { draft, changeData } = useDraft();
  const find = (key: string | undefined): Dataset | undefined => datasets.find((d) => d.id === key || d.name === key);
  const train = find(draft.data.train), held = find(draft.data.eval), { method } = draft;
  const matching = datasets.filter((d) => fits(method, d.kind)), ordered = [...matching, ...datasets.filter((d) => !fits(method, d.kind))];
  const needs = new Intl.ListFormat(f.locale, { type: 'disjunction' }).format(kindsFor(method).map((kind) => t(`data.kind.${kind}`))), misfit = (d: Dataset): string | undefined => (fits(method, d.kind) ? undefined : t('data.misfit', { kind: t(`data.kind.${d.kind}`), needs }));
  if (!ready) return <Card title={t('data.title')}><div className="body stack">{[1, 2, 3].map((i) => <Skeleton key={i} height={34} />)}</div></Card>;
  return (
    <>
      <Card title={t('data.train')} right={datasets.length > 0 ? <LinkButton size="s" href={routes.datasets}>{t('data.import')}</LinkButton> : undefined}>
        {datasets.length === 0 ? <EmptyState icon={<IconTable size={28} stroke={1.4} />} title={t('data.none')} actions={<LinkButton href={routes.datasets}>{t('data.import')}</LinkButton>}>{t('data.empty')}</EmptyState> : (
          <>
            <p className="wz-needs">{matching.length === 0 ? t('data.noneFits', { method: t(`method.${method}.name`), needs }) : t('data.needs', { method: t(`method.${method}.name`), needs })}</p>
            <EntityList label={t('data.train')} searchLabel={t('data.search')} value={train?.id} onChange={(id) => { changeData({ train: id }); }} choices={ordered.map((d) => ({
            value: d.id, name: d.name, tag: d.source === 'embedded' ? <Pill tone="steel">{t('model.embedded')}</Pill> : undefined, search: d.file_name, note: misfit(d) ?? (d.bad_rows > 0 ? t('data.badRows', { n: f.number(d.bad_rows) }) : undefined), disabled: !fits(method, d.kind),
            facts: [t('data.rows', { n: f.number(d.rows) }), t(`data.kind.${d.kind}`), d.format, f.bytes(d.bytes), d.version.slice(0, 6)],
          }))} />
          </>
        )}
      </Card>
      {datasets.length > 0 && (
        <Card title={t('data.eval')}><div className="body wz-grid">
          <SelectField label={t('data.eval')} name="data.eval" note={t('data.evalHelp')} value={held?.id ?? NONE} onChange={(v) => { changeData({ eval: v === NONE ? undefined : v }); }} problem={held !== undefined && misfit(held) !== undefined ? misfit(held) : train !== undefined && train.id === held?.id ? t('data.same') : undefined}
            options={[{ value: NONE, label: t('data.evalNone') }, ...ordered.filter((d) => fits(method, d.kind) || d.id === held?.id).map((d) => ({ value: d.id, label: `${d.name} (${t('data.rows', { n: f.number(d.rows) })})` }))]} />
          <NumberField label={t('data.evalRows')} name="data.eval_rows" note={t('data.evalRowsHelp')} integer min={1} value={draft.data.eval_rows ?? DEFAULT_EVAL_ROWS} disabled={held === undefined} unit={t('parameters.unit.rows')} onChange={(v) => { if (v !== undefined && v >= 1) changeData({ eval_rows: v === DEFAULT_EVAL_ROWS ? undefined : v }); }} />
        </div></Card>
      )}
      {train && <FirstRow dataset={train} />}
    </>
  );
}

function FirstRow({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation('train');
  const { data } = useCall((signal) => api.datasets.rows({ id: dataset.id, offset: 0, limit: 1 }, { signal }), dataset.id);
  const row = data?.rows[0];
  const parts: [string, string][] = row?.messages?.map((m) => [m.role, m.content]) ?? [...(row?.prompt === undefined ? [] : [[t('data.part.prompt'), row.prompt] as [string, string]]), ...(row?.completion === undefined ? [] : [[t('data.part.completion'), row.completion] as [string, string]]), ...(row?.chosen === undefined ? [] : [[t('data.part.chosen'), row.chosen] as [string, string]]), ...(row?.rejected === undefined ? [] : [[t('data.part.rejected'), row.rejected] as [string, string]]), ...(row?.label === undefined ? [] : [[t('data.part.label'), t(row.label ? 'data.part.up' : 'data.part.down')] as [string, string]]), ...(row?.text === undefined ? [] : [[t('data.part.text'), row.text] as [string, string]])];
  return (
    <Card title={t('data.first')} right={<LinkButton size="s" kind="quiet" href={routes.dataset(dataset.id)}>{t('data.open')}</LinkButton>}>
      <dl className="wz-row">{row === undefined ? <div><dt><Skeleton width={60} /></dt><dd><Skeleton width="60%" /></dd></div> : parts.map(([role, content], i) => <div key={i}><dt>{role}</dt><dd><TextView text={content.length > 1200 ? `${content.slice(0, 1200)}…` : content} /></dd></div>)}</dl>
    </Card>
  );
}
