/** Asks before a model leaves the list: what happens to its files, and what depends on it and goes with it. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import type { Model } from '../../../../shared/schema/entities.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useCheckpoints, useExports, useRuns } from '../../state/entities.ts';
import { isOver } from '../../state/run-state.ts';
import { Button, Dialog, ErrorNote, toast } from '../../ui/index.ts';

export function RemoveDialog({ model, open, onClose }: { model: Model; open: boolean; onClose: () => void }) {
  const { t } = useTranslation('model');
  return <Dialog open={open} onClose={onClose} title={t('remove.title', { name: model.name })} size={460}>{open && <Body model={model} onClose={onClose} />}</Dialog>;
}

function Body({ model, onClose }: { model: Model; onClose: () => void }) {
  const { t } = useTranslation(['model', 'common']), [, navigate] = useLocation(), [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const runs = useRuns().filter((r) => r.model_id === model.id), checkpoints = useCheckpoints().filter((c) => c.model_id === model.id), exports = useExports().some((e) => e.model_id === model.id);
  const live = runs.find((r) => !isOver(r.status) && r.status !== 'paused');
  const remove = (): void => {
    setBusy(true);
    api.models.remove({ id: model.id, with_runs: runs.length > 0 }).then(() => { toast.done(t('model:remove.done', { name: model.name })); navigate(routes.models); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  return (
    <div className="stack">
      <p>{model.origin === undefined ? t('model:remove.files', { path: model.path }) : t('model:remove.managed', { file: model.origin.file })}</p>
      {runs.length > 0 && <div><p>{t('model:remove.depends')}</p><p className="warn">{t('model:remove.runs', { count: runs.length, checkpoints: t('model:remove.checkpoints', { count: checkpoints.length }) })}</p><ul className="md-depends">{runs.slice(0, 12).map((r) => <li key={r.id}>{r.name}</li>)}{runs.length > 12 && <li>…</li>}</ul></div>}
      {exports && <p className="muted">{t('model:remove.exportsStay')}</p>}
      {live && <p className="bad">{t('model:remove.live', { name: live.name })}</p>}
      {error !== null && <ErrorNote error={error} />}
      <div className="dialog-acts"><Button onClick={onClose}>{t('common:cancel')}</Button><Button kind="danger" busy={busy} disabled={live !== undefined} onClick={remove}>{runs.length > 0 ? t('model:remove.confirmRuns', { count: runs.length }) : t('model:remove.confirm')}</Button></div>
    </div>
  );
}
