/** Short messages in the corner about something that has ended; errors stay until closed. For what belongs to a page, show it on the page. */
import { IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { errorText } from '../i18n/error-text.ts';
import { Button } from './button.tsx';
import { Dot } from './page.tsx';

interface Toast { id: number; tone: 'good' | 'bad' | 'steel'; text: string }
const useToasts = create<{ list: Toast[] }>(() => ({ list: [] }));
const SHOWN_MS = 5000;
let next = 1;

const close = (id: number): void => { useToasts.setState(({ list }) => ({ list: list.filter((t) => t.id !== id) })); };
function show(tone: Toast['tone'], text: string): void {
  const id = next++;
  useToasts.setState(({ list }) => ({ list: [...list.slice(-3), { id, tone, text }] }));
  if (tone !== 'bad') setTimeout(() => { close(id); }, SHOWN_MS);
}
export const toast = {
  done: (text: string): void => { show('good', text); },
  info: (text: string): void => { show('steel', text); },
  /** Translates any thrown value; a cancelled request says nothing. */
  error: (error: unknown): void => { const { code, title } = errorText(error); if (code !== 'cancelled') show('bad', title); },
};

export function Toasts() {
  const list = useToasts((s) => s.list), { t } = useTranslation();
  return <div className="toasts" role="status" aria-live="polite">{list.map((x) => <div className="toast" key={x.id}><Dot tone={x.tone} /><p>{x.text}</p><Button kind="quiet" size="s" label={t('close')} icon={<IconX size={14} />} onClick={() => { close(x.id); }} /></div>)}</div>;
}
