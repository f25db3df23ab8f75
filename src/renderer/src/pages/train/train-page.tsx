/** The train page: the wizard, filled from the address (`?clone=`, `?model=`, `?dataset=`) once. */
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { toast } from '../../ui/index.ts';
import { useDraft } from '../../wizards/train/draft-store.ts';
import { TrainWizard } from '../../wizards/train/train-wizard.tsx';

export function TrainPage() {
  const { t } = useTranslation('train');
  const search = useSearch(), [, navigate] = useLocation();
  useEffect(() => {
    const q = new URLSearchParams(search), clone = q.get('clone'), model = q.get('model'), dataset = q.get('dataset');
    if (clone === null && model === null && dataset === null) return;
    const { load, change, changeData, go, clear } = useDraft.getState();
    // The address is taken once; after that the draft is what counts.
    navigate(routes.train(), { replace: true });
    if (clone !== null) {
      api.runs.get({ id: clone }).then((run) => { clear(); load({ ...run.recipe, name: undefined }, run.name); go('parameters'); }, (e: unknown) => { toast.error(e); });
      return;
    }
    if (model !== null) { change({ model, checkpoint: undefined }); go('method'); }
    if (dataset !== null) { changeData({ train: dataset }); go(model === null && useDraft.getState().draft.model === undefined ? 'model' : 'data'); }
  }, [search, navigate, t]);
  return <TrainWizard />;
}
