/** An address that belongs to no page. */
import { IconMapOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { routes } from '../../routes.ts';
import { Card, EmptyState, LinkButton, PageHead } from '../../ui/index.ts';

export function NotFoundPage() {
  const { t } = useTranslation(), [path] = useLocation();
  return <><PageHead title={t('notFound.title')} /><Card><EmptyState icon={<IconMapOff size={26} stroke={1.5} />} title={t('notFound.title')} actions={<LinkButton href={routes.home}>{t('notFound.home')}</LinkButton>}>{t('notFound.body', { path: path.slice(0, 120) })}</EmptyState></Card></>;
}
