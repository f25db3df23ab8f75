/** Commands: what pages need of them. */
export type { Action } from './action.ts';
export { usePageActions } from './page-actions.ts';
