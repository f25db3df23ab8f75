/** A menu behind a button: secondary actions of a thing. */
import { Menu as MantineMenu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

export interface MenuItem { id: string; label: string; icon?: ReactNode; danger?: boolean; disabled?: boolean; run: () => void }
export function Menu({ label, items }: { label: string; items: readonly MenuItem[] }) {
  return (
    <MantineMenu position="bottom-end" classNames={{ dropdown: 'menu' }} styles={{ item: { fontSize: 'var(--text)', padding: '5px 10px', minHeight: 28 } }}>
      <MantineMenu.Target><Button label={label} icon={<IconDots size={16} />} aria-haspopup="menu" /></MantineMenu.Target>
      <MantineMenu.Dropdown>{items.map((i) => <MantineMenu.Item key={i.id} leftSection={i.icon} disabled={i.disabled} onClick={i.run} style={i.danger === true ? { color: 'var(--bad)' } : undefined}>{i.label}</MantineMenu.Item>)}</MantineMenu.Dropdown>
    </MantineMenu>
  );
}
