/** What happened, what was kept, what to do; with the exact message and a way to copy it with diagnostics. */
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { errorText } from '../i18n/error-text.ts';
import { Button } from './button.tsx';
import { useCopy } from './copy.tsx';

export interface ErrorNoteProps { error: unknown; /** One sentence: what is safe. */ kept?: string; retry?: () => void; actions?: ReactNode; level?: 'error' | 'warn'; /** Adds the host's diagnostics to what is copied. */ diagnostics?: () => Promise<string> }

export function ErrorNote({ error, kept, retry, actions, level = 'error', diagnostics }: ErrorNoteProps) {
  const { t } = useTranslation(), { code, title, todo, detail, said } = errorText(error), { copied, copy } = useCopy();
  const copyAll = (): void => { void copy(async () => [`${code}: ${said}`, diagnostics ? await diagnostics().catch(() => '') : ''].filter((x) => x !== '').join('\n\n')); };
  return (
    <div className="error-note" role={level === 'warn' ? 'status' : 'alert'} data-level={level}>
      <IconAlertTriangle size={17} stroke={1.7} aria-hidden />
      <strong>{title}</strong>
      {detail !== title && <p className="detail">{detail}</p>}
      {kept !== undefined && <p>{kept}</p>}
      {todo !== '' && <p>{todo}</p>}
      <div className="acts">
        {retry && <Button size="s" onClick={retry}>{t('tryAgain')}</Button>}
        {actions}
        <Button size="s" kind="quiet" onClick={copyAll}>{copied ? t('copied') : t('copyDiagnostics')}</Button>
      </div>
    </div>
  );
}
