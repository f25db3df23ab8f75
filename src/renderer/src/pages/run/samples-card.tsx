/** Answers to the fixed prompts at every evaluation; what changed since the evaluation before is marked. */
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Run, Sample } from '../../../../shared/schema/entities.ts';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card, TextView } from '../../ui/index.ts';
import { wordDiff } from '../../ui/word-diff.ts';

/** Of several attempts at one step, the last counts. */
export function samplesByStep(samples: readonly Sample[]): { step: number; list: Sample[] }[] {
  const steps = new Map<number, Map<number, Sample>>();
  for (const s of samples) { const at = steps.get(s.step) ?? new Map<number, Sample>(); const old = at.get(s.index); if (!old || old.attempt <= s.attempt) at.set(s.index, s); steps.set(s.step, at); }
  return [...steps].sort((a, b) => a[0] - b[0]).map(([step, at]) => ({ step, list: [...at.values()].sort((a, b) => a.index - b.index) }));
}

export function SamplesCard({ run, samples }: { run: Run; samples: readonly Sample[] | null }) {
  const { t } = useTranslation('run'), f = useFormat();
  const groups = useMemo(() => samplesByStep(samples ?? []), [samples]);
  const [picked, pick] = useState<number | null>(null);
  const at = picked === null ? groups.length - 1 : Math.max(0, groups.findIndex((g) => g.step === picked));
  const group = groups[at], before = groups[at - 1];
  const name = (step: number): string => (step === 0 ? t('samples.before') : t('samples.step', { n: f.number(step) }));
  const go = (by: number) => () => { const g = groups[at + by]; if (g) pick(at + by === groups.length - 1 ? null : g.step); };
  return (
    <Card title={t('samples.title')} right={group && (
      <>
        <Button size="s" kind="quiet" label={t('samples.previous')} icon={<IconChevronLeft size={15} />} disabled={at <= 0} onClick={go(-1)} />
        <select className="input run-pick" aria-label={t('samples.pick')} value={group.step} onChange={(e) => { const step = Number(e.target.value); pick(step === groups.at(-1)?.step ? null : step); }}>{groups.map((g) => <option key={g.step} value={g.step}>{name(g.step)}</option>)}</select>
        <Button size="s" kind="quiet" label={t('samples.next')} icon={<IconChevronRight size={15} />} disabled={at >= groups.length - 1} onClick={go(1)} />
      </>
    )}>
      {!group && <p className="run-note">{run.recipe.samples.prompts.length === 0 ? t('samples.noPrompts') : t('samples.none')}</p>}
      {group?.list.map((s) => {
        const old = before?.list.find((b) => b.index === s.index);
        const changed = old !== undefined && old.text !== s.text;
        return (
          <div className="run-sample" key={s.index}>
            <span className="run-sample-meta">{t(`samples.reason.${s.reason}`)}, {t('samples.tokens', { count: s.tokens, n: f.number(s.tokens) })}</span>
            <div className="run-sample-q"><TextView text={s.prompt} /></div>
            <div className="run-sample-a">{s.text === '' ? <span className="faint">{t('samples.empty')}</span> : old && changed ? wordDiff(old.text, s.text).map((p, i) => (p.kind === 'del' ? null : p.kind === 'ins' ? <mark key={i}><TextView text={p.text} /></mark> : <TextView key={i} text={p.text} />)) : <TextView text={s.text} />}</div>
            {before && old && <span className="visually-hidden">{changed ? t('samples.changed', { n: before.step }) : t('samples.same', { n: before.step })}</span>}
          </div>
        );
      })}
      {group && <p className="run-foot">{t('samples.seed', { n: group.list[0]?.seed ?? 0 })}{before && <span className="end"><mark>{t('samples.changed', { n: f.number(before.step) })}</mark></span>}</p>}
    </Card>
  );
}
