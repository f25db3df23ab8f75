/** Copies text and says so for two seconds. The clipboard of the desktop shell is used where the page's own is refused. */
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';

const SHOWN_MS = 2000;
let writer = (text: string): Promise<void> => navigator.clipboard.writeText(text);
/** Set once at the start by whoever has a better one. */
export const setClipboardWriter = (write: (text: string) => Promise<void>): void => { writer = write; };

export function useCopy(): { copied: boolean; copy: (text: string | (() => Promise<string>)) => Promise<void> } {
  const [copied, setCopied] = useState(false), timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => { clearTimeout(timer.current); }, []);
  return {
    copied,
    copy: async (text) => {
      await writer(typeof text === 'string' ? text : await text());
      setCopied(true);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => { setCopied(false); }, SHOWN_MS);
    },
  };
}

export function CopyButton({ text, label, size = 's' }: { text: string | (() => Promise<string>); label?: string; size?: 's' | 'm' }) {
  const { t } = useTranslation(), { copied, copy } = useCopy();
  return <Button size={size} icon={copied ? <IconCheck size={14} /> : <IconCopy size={14} />} onClick={() => { void copy(text); }}>{copied ? t('copied') : label ?? t('copy')}</Button>;
}
