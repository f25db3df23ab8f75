/** Keys are checked by the compiler: t('models:import.title'). */
import 'i18next';
import type { en } from './resources.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof en;
    returnNull: false;
    enableSelector: false;
  }
}
