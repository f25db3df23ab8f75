/** Which checkpoints a compare page shows, in its address: `/compare?m=<model>` for a base, `<model>:<checkpoint>` for a trained one, comma between panes. */

import { routes } from './routes.ts';

export interface Target { modelId: string; checkpointId: string | null }
export const MAX_PANES = 4;

export const compareHref = (targets: readonly Target[]): string => routes.compare(targets.map(targetKey));
export const targetKey = (t: Target): string => (t.checkpointId === null ? t.modelId : `${t.modelId}:${t.checkpointId}`);

/** Doubles and everything after the fourth are left out. */
export function targetsOf(search: string): Target[] {
  const text = new URLSearchParams(search).get('m') ?? '';
  const seen = new Set<string>();
  return text.split(',').flatMap((part): Target[] => {
    const [modelId = '', checkpointId] = part.trim().split(':');
    if (modelId === '' || seen.has(part)) return [];
    seen.add(part);
    return [{ modelId, checkpointId: checkpointId === undefined || checkpointId === '' ? null : checkpointId }];
  }).slice(0, MAX_PANES);
}
