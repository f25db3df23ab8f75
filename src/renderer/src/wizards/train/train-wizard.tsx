/** The wizard's frame: steps, back and next, recipe, start. The steps edit one draft; the review decides whether it may start. */
import { IconCheck } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { ComponentType } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { usePageActions } from '../../actions/index.ts';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useDatasets } from '../../state/entities.ts';
import { Button, ErrorNote, PageHead, Pill } from '../../ui/index.ts';
import { recipeOf } from './draft.ts';
import { isComplete, STEP_IDS, useDraft } from './draft-store.ts';
import type { StepId } from './draft-store.ts';
import { Guide } from './guide.tsx';
import { fits } from './method-order.ts';
import { invalidHealth } from './health-draft.ts';
import { invalidFields } from './param-fields.ts';
import { RecipeDialog } from './recipe-dialog.tsx';
import { mayStart } from './review-checks.ts';
import { StepData } from './step-data.tsx';
import { StepMethod } from './step-method.tsx';
import { StepModel } from './step-model.tsx';
import { StepParameters } from './step-parameters.tsx';
import { StepReview } from './step-review.tsx';
import { useReview } from './use-review.ts';
import './wizard.css';

const FORMS: Record<Exclude<StepId, 'review'>, ComponentType> = { model: StepModel, method: StepMethod, data: StepData, parameters: StepParameters };

export function TrainWizard() {
  const { t } = useTranslation(['train', 'common']);
  const { draft, step, cloneOf, go } = useDraft();
  const [yaml, setYaml] = useState(false);
  const invalid = useMemo(() => invalidFields(draft).length + (invalidHealth(draft.health ?? {}) ? 1 : 0), [draft]);
  const datasets = useDatasets(), named = (ref: string | undefined) => datasets.find((d) => d.id === ref || d.name === ref);
  // A dataset that is not in the list (a file named in a recipe) is judged by the host.
  const dataFits = [named(draft.data.train), named(draft.data.eval)].every((d) => d === undefined || fits(draft.method, d.kind));
  const done = (s: StepId): boolean => isComplete(s, draft, invalid, dataFits);
  const forms = STEP_IDS.filter((s) => s !== 'review'), reviewable = forms.every(done);
  const at = STEP_IDS.indexOf(step), shown: StepId = step === 'review' && !reviewable ? forms.find((s) => !done(s)) ?? 'model' : step;
  const previous = STEP_IDS[at - 1], next = STEP_IDS[at + 1], mayNext = next !== undefined && done(shown) && (next !== 'review' || reviewable);
  const section = t('common:section.page');
  usePageActions([
    { id: 'train.recipe', label: t('train:recipe.open'), section, run: () => { setYaml(true); } },
    { id: 'train.next', label: t('train:next'), section, shortcut: 'Mod+Enter', inFields: true, enabled: shown !== 'review' && mayNext, run: () => { if (next) go(next); } },
  ]);
  const actions = (start: React.ReactNode) => (
    <>
      <Button kind="quiet" onClick={() => { useDraft.getState().clear(); }}>{t('train:discard')}</Button>
      <Button onClick={() => { setYaml(true); }}>{t('train:recipe.open')}</Button>
      {previous !== undefined && <Button onClick={() => { go(previous); }}>{t('train:back')}</Button>}
      {start}
    </>
  );
  const Form = shown === 'review' ? null : FORMS[shown];
  const steps = (
    <nav className="wz-steps" aria-label={t('train:steps.label')}>{STEP_IDS.map((s, i) => {
      const open = s === 'review' ? reviewable : true;
      return <span key={s}>{i > 0 && <i aria-hidden>›</i>}<button type="button" data-state={s === shown ? 'on' : done(s) ? 'done' : 'todo'} disabled={!open} {...(s === shown ? { 'aria-current': 'step' as const } : {})} onClick={() => { go(s); }}>{done(s) && s !== shown && <IconCheck size={13} aria-hidden />}{t(`train:steps.${s}`)}<span className="visually-hidden">{s === shown ? '' : t(done(s) ? 'train:steps.done' : 'train:steps.todo')}</span></button></span>;
    })}</nav>
  );
  const head = (start: React.ReactNode) => <><PageHead crumbs={[{ label: t('train:crumb') }]} title={t('train:title')} pills={cloneOf === null ? undefined : <Pill tone="steel">{t('train:cloneOf', { name: cloneOf })}</Pill>} actions={actions(start)} />{steps}</>;
  return (
    <>
      {Form === null ? <Reviewing head={head} /> : (
        <>
          {head(<Button kind="primary" disabled={!mayNext} kbd="Mod+Enter" onClick={() => { if (next) go(next); }}>{t('train:next')}</Button>)}
          <div className="wz-form"><div className="stack"><Form /></div>{shown !== 'review' && <Guide step={shown} />}</div>
        </>
      )}
      <RecipeDialog open={yaml} onClose={() => { setYaml(false); }} />
    </>
  );
}

/** The review step and the start: only here are all rows read. */
function Reviewing({ head }: { head: (start: React.ReactNode) => React.ReactNode }) {
  const { t } = useTranslation(['train', 'common']);
  const [, navigate] = useLocation();
  const { draft } = useDraft();
  const recipe = useMemo(() => recipeOf(draft), [draft]), key = JSON.stringify(recipe);
  const state = useReview(recipe, key), allowed = mayStart(state.review);
  const [busy, setBusy] = useState(false), [error, setError] = useState<unknown>(null);
  const start = (): void => {
    if (!allowed || busy) return;
    setBusy(true); setError(null);
    api.runs.create({ recipe }).then((run) => { useDraft.getState().clear(); navigate(routes.run(run.id)); }, (e: unknown) => { setError(e); setBusy(false); });
  };
  usePageActions([{ id: 'train.start', label: t('train:start'), section: t('common:section.page'), shortcut: 'Mod+Enter', inFields: true, enabled: allowed && !busy, run: start }]);
  return (
    <>
      {head(<Button kind="primary" kbd="Mod+Enter" busy={busy} disabled={!allowed} onClick={start}>{t(busy ? 'train:starting' : 'train:start')}</Button>)}
      {error !== null && <ErrorNote error={error} kept={t('train:refused')} />}
      <StepReview recipe={recipe} recipeKey={key} state={state} />
    </>
  );
}
