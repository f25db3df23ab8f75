/** The recipe that this run was started with, as the file that runs it again. */
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../../shared/schema/entities.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Card, CopyButton, ErrorNote, Skeleton } from '../../ui/index.ts';

export function RecipeCard({ run }: { run: Run }) {
  const { t } = useTranslation('run');
  const { data, error, reload } = useCall((signal) => api.recipes.check({ recipe: run.recipe }, { signal }), run.id);
  const yaml = data?.yaml ?? null;
  return (
    <Card title={t('recipe.title')} right={yaml === null ? 'YAML' : <CopyButton text={yaml} />}>
      {error !== null && error !== undefined ? <ErrorNote error={error} retry={reload} /> : yaml === null ? <div className="body stack">{[70, 45, 60].map((w) => <Skeleton key={w} width={`${w}%`} />)}</div> : <pre className="run-yaml" tabIndex={0} aria-label={t('recipe.title')}>{yaml}</pre>}
    </Card>
  );
}
