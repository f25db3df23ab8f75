/** Home: what this is in a line, the demo in its present state, and what is here already. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { routes } from '../../routes.ts';
import { api } from '../../state/client.ts';
import { useDemo, useReady } from '../../state/entities.ts';
import { demoUnderWay } from '../../state/selectors.ts';
import { ErrorNote, LinkButton, PageHead, Skeleton } from '../../ui/index.ts';
import { DemoIntro } from './demo-intro.tsx';
import { DemoProgress } from './demo-progress.tsx';
import { DemoResult } from './demo-result.tsx';
import './home.css';
import { HomeSide } from './home-side.tsx';

export function HomePage() {
  const { t } = useTranslation('home'), demo = useDemo(), ready = useReady();
  const [starting, setStarting] = useState(false), [error, setError] = useState<unknown>(null);
  const start = (): void => {
    setStarting(true);
    setError(null);
    api.demo.start().catch(setError).finally(() => { setStarting(false); });
  };
  const done = demo?.status === 'done';
  return (
    <>
      <PageHead title={t('title')} crumbs={[{ label: t('line') }]} actions={<LinkButton href={routes.train()} kind={done ? 'primary' : 'plain'} kbd="G T">{t('new')}</LinkButton>} />
      <div className="cols">
        <div className="stack">
          {error !== null && <ErrorNote error={error} kept={t('failed.kept')} retry={start} />}
          {!ready ? <Skeleton height={300} />
            : demo && demoUnderWay(demo) ? <DemoProgress demo={demo} />
              : done ? <DemoResult demo={demo} onStart={start} starting={starting} />
                : <>
                  {demo?.status === 'failed' && <ErrorNote error={demo.error ?? { code: 'internal', message: '' }} kept={t('failed.kept')} actions={demo.run_id !== null && <LinkButton size="s" href={routes.run(demo.run_id)}>{t('progress.openRun')}</LinkButton>} diagnostics={async () => (await api.system.diagnostics()).text} />}
                  {demo?.status === 'cancelled' && <ErrorNote level="warn" error={{ code: 'cancelled', message: t('failed.cancelled') }} kept={t('failed.cancelledBody')} />}
                  <DemoIntro onStart={start} starting={starting} />
                </>}
        </div>
        <HomeSide />
      </div>
    </>
  );
}
