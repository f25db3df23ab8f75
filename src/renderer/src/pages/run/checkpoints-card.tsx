/** Checkpoints of a run: hash, what was measured at that step, and the way to talk to it. */
import { IconStarFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Checkpoint, Run } from '../../../../shared/schema/entities.ts';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { Button, Card, LinkButton, Pill } from '../../ui/index.ts';
import { ExportDialog } from '../../wizards/export/export-dialog.tsx';
import type { ExportTarget } from '../../wizards/export/export-dialog.tsx';
import { compareHref } from '../../compare-link.ts';
import { isOver } from '../../state/run-state.ts';

export function CheckpointsCard({ run, list }: { run: Run; list: readonly Checkpoint[] }) {
  const { t } = useTranslation('run'), f = useFormat(), [exporting, setExporting] = useState<ExportTarget | null>(null);
  const every = run.recipe.train.save_steps, next = every > 0 ? Math.min(run.total_steps > 0 ? run.total_steps : Infinity, (Math.floor(run.step / every) + 1) * every) : null;
  const hasBest = run.best_step !== null && list.some((c) => c.step === run.best_step);
  return (
    <Card title={t('checkpoints.title')} right={hasBest ? t('checkpoints.best') : undefined}>
      {list.length === 0 && <p className="run-note">{isOver(run.status) ? t('checkpoints.noneEver') : next === null || !Number.isFinite(next) ? t('checkpoints.noneEnd') : t('checkpoints.none', { step: f.number(next) })}</p>}
      <ul>{list.map((c) => {
        const held = c.metrics['eval_loss'], loss = c.metrics['loss'], best = c.step === run.best_step;
        return (
          <li className="item run-checkpoint" key={c.id}>
            <span className="run-star">{best && <IconStarFilled size={12} aria-label={t('checkpoints.bestMark')} role="img" />}</span>
            <span className="run-ck-step">{t('checkpoints.step', { n: f.number(c.step) })}</span><code title={t('checkpoints.hash', { hash: c.weight_hash })}>{c.weight_hash.slice(0, 8)}</code>
            <Pill>{t(`checkpoints.${c.kind}`)}</Pill>
            <span className="muted end">{held === undefined ? loss === undefined ? '' : t('checkpoints.loss', { value: formatMetric(loss, 'plain', f.locale) }) : t('checkpoints.heldOut', { value: formatMetric(held, 'plain', f.locale) })}</span>
            <span className="muted">{f.bytes(c.bytes)}</span>
            {/* A reward model writes no text: nothing to talk to, and its folder is its export. */}
            {run.method !== 'reward' && <><LinkButton size="s" href={compareHref([{ modelId: c.model_id, checkpointId: c.id }])}>{t('checkpoints.open')}</LinkButton>
            <Button size="s" kind="quiet" onClick={() => { setExporting({ modelId: c.model_id, checkpointId: c.id }); }}>{t('checkpoints.export')}</Button>
            <LinkButton size="s" kind="quiet" href={compareHref([{ modelId: c.model_id, checkpointId: null }, { modelId: c.model_id, checkpointId: c.id }])}>{t('checkpoints.compare')}</LinkButton></>}
          </li>
        );
      })}</ul>
      <ExportDialog target={exporting} onClose={() => { setExporting(null); }} />
    </Card>
  );
}
