/** Which page stands at which address. Pages are loaded when first opened. */
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { HomePage } from '../pages/home/home-page.tsx';
import { NotFoundPage } from '../pages/not-found/not-found-page.tsx';
import { patterns, routes } from '../routes.ts';
import { Skeleton } from '../ui/index.ts';

const ModelsPage = lazy(() => import('../pages/models/models-page.tsx').then((m) => ({ default: m.ModelsPage })));
const ModelPage = lazy(() => import('../pages/model/model-page.tsx').then((m) => ({ default: m.ModelPage })));
const DatasetsPage = lazy(() => import('../pages/datasets/datasets-page.tsx').then((m) => ({ default: m.DatasetsPage })));
const DatasetPage = lazy(() => import('../pages/datasets/dataset-page.tsx').then((m) => ({ default: m.DatasetPage })));
const SettingsPage = lazy(() => import('../pages/settings/settings-page.tsx').then((m) => ({ default: m.SettingsPage })));
const TrainPage = lazy(() => import('../pages/train/train-page.tsx').then((m) => ({ default: m.TrainPage })));
const RunsPage = lazy(() => import('../pages/runs/runs-page.tsx').then((m) => ({ default: m.RunsPage })));
const RunPage = lazy(() => import('../pages/run/run-page.tsx').then((m) => ({ default: m.RunPage })));
const ComparePage = lazy(() => import('../pages/compare/compare-page.tsx').then((m) => ({ default: m.ComparePage })));

export function Pages() {
  return (
    <Suspense fallback={<div className="stack" aria-busy="true"><Skeleton width={220} height={46} /><Skeleton height={260} /></div>}>
      <Switch>
        <Route path={routes.home}><HomePage /></Route>
        <Route path={patterns.model}>{({ id }) => <ModelPage id={decodeURIComponent(id)} />}</Route>
        <Route path={routes.models}><ModelsPage /></Route>
        <Route path={patterns.dataset}>{({ id }) => <DatasetPage id={decodeURIComponent(id)} />}</Route>
        <Route path={routes.datasets}><DatasetsPage /></Route>
        <Route path={patterns.train}><TrainPage /></Route>
        <Route path={patterns.runs}><RunsPage /></Route>
        <Route path={patterns.run}>{({ id }) => <RunPage id={decodeURIComponent(id)} />}</Route>
        <Route path={patterns.compare}><ComparePage /></Route>
        <Route path={routes.settings}><SettingsPage /></Route>
        <Route><NotFoundPage /></Route>
      </Switch>
    </Suspense>
  );
}
