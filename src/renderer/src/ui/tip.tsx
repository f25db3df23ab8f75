/** A tooltip on hover and on focus, and the small question mark that carries one beside a label. */
import { Tooltip } from '@mantine/core';
import { IconHelpCircle } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';

export function Tip({ text, children }: { text: ReactNode; children: ReactElement }) {
  return <Tooltip label={text} events={{ hover: true, focus: true, touch: true }} openDelay={350} withArrow={false} multiline classNames={{ tooltip: 'tip' }}>{children}</Tooltip>;
}

export function Hint({ text, label }: { text: ReactNode; label: string }) {
  return <Tip text={text}><button type="button" className="hint" aria-label={label}><IconHelpCircle size={14} stroke={1.6} /></button></Tip>;
}
