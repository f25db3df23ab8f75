/** The sections of the navigation: one line a page. Pages that do not exist yet have no line. */
import { IconChartLine, IconColumns2, IconCube, IconFlame, IconHome, IconSettings, IconTable } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { routes } from '../routes.ts';

const icon = (Icon: typeof IconHome): ReactNode => <Icon size={16} stroke={1.6} aria-hidden />;
export const NAV = [
  { id: 'start', items: [{ id: 'home', href: routes.home, icon: icon(IconHome) }, { id: 'models', href: routes.models, icon: icon(IconCube) }, { id: 'datasets', href: routes.datasets, icon: icon(IconTable) }] },
  { id: 'make', items: [{ id: 'train', href: '/train', icon: icon(IconFlame) }, { id: 'runs', href: routes.runs, icon: icon(IconChartLine) }] },
  { id: 'judge', items: [{ id: 'compare', href: '/compare', icon: icon(IconColumns2) }] },
  { id: 'program', items: [{ id: 'settings', href: routes.settings, icon: icon(IconSettings) }] },
] as const;
export const isCurrent = (href: string, path: string): boolean => (href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`));
