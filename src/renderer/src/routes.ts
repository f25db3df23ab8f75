/** Every address of the app, in one place. Filters and selections stand in the query. */
const part = encodeURIComponent;
const query = (values: Record<string, string | undefined>): string => {
  const text = new URLSearchParams(Object.entries(values).filter((e): e is [string, string] => e[1] !== undefined && e[1] !== '')).toString();
  return text === '' ? '' : `?${text}`;
};
export const routes = {
  home: '/',
  models: '/models',
  /** `tab`: overview, chat, layers, exports. `checkpoint`: which weights chat. */
  model: (id: string, show: { tab?: string; checkpoint?: string } = {}): string => `/models/${part(id)}${query(show)}`,
  datasets: '/datasets',
  dataset: (id: string): string => `/datasets/${part(id)}`,
  /** `clone`: start from the recipe of a run. */
  train: (from: { model?: string; dataset?: string; clone?: string } = {}): string => `/train${query(from)}`,
  runs: '/runs',
  run: (id: string): string => `/runs/${part(id)}`,
  /** `items`: model ids, or `model:checkpoint`, with commas between. */
  compare: (items: readonly string[] = []): string => `/compare${query({ m: items.join(',') })}`,
  settings: '/settings',
} as const;
/** Patterns for the router. */
export const patterns = { model: '/models/:id', dataset: '/datasets/:id', train: '/train', runs: '/runs', run: '/runs/:id', compare: '/compare' } as const;
