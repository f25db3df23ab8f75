/** The state of a run as a pill, in the words and colours that every page uses. */
import { useTranslation } from 'react-i18next';
import type { Run } from '../../../shared/schema/entities.ts';
import { statusTone } from '../state/run-state.ts';
import type { StatusTone } from '../state/run-state.ts';
import { Pill } from './page.tsx';
import type { Tone } from './page.tsx';

const PILL_TONE: Record<StatusTone, Tone | undefined> = { hot: 'ember', good: 'good', warn: 'warn', bad: 'bad', calm: undefined };

export function StatusPill({ run }: { run: Run }) {
  const { t } = useTranslation('run');
  return <Pill tone={PILL_TONE[statusTone(run.status)]}>{t(`status.${run.status}`)}</Pill>;
}
