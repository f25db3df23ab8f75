/** A modal dialog: focus is kept inside and returned, Escape closes it. `ConfirmDialog` asks before something is lost. */
import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';

export function Dialog({ open, onClose, title, children, size = 480, actions, bare = false }: { /** No title bar: the title is only read out. */ bare?: boolean; open: boolean; onClose: () => void; title: string; children: ReactNode; size?: number; actions?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Modal opened={open} onClose={onClose} title={title} {...(bare ? { withCloseButton: false, yOffset: '12dvh' } : { centered: true })} size={size} transitionProps={{ duration: 120 }} closeButtonProps={{ 'aria-label': t('close') }} overlayProps={{ color: 'var(--scrim)', backgroundOpacity: 1 }}
      styles={{ content: { border: '1px solid var(--line)', boxShadow: 'var(--shadow-lift)', borderRadius: 10 }, header: { background: 'transparent', minHeight: 48 }, overlay: { backgroundColor: 'var(--scrim)' } }} classNames={{ title: 'dialog-title', ...(bare ? { header: 'visually-hidden' } : {}) }}>
      {children}
      {actions !== undefined && <div className="dialog-acts">{actions}</div>}
    </Modal>
  );
}

export function ConfirmDialog({ open, onClose, title, children, confirm, onConfirm, danger = false, busy = false }: { open: boolean; onClose: () => void; title: string; children: ReactNode; confirm: string; onConfirm: () => void; danger?: boolean; busy?: boolean }) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onClose={onClose} title={title} size={440} actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm} autoFocus>{confirm}</Button></>}>{children}</Dialog>
  );
}
