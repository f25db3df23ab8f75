/** Downloads from the hub as the host tells of them: followed by the pages that show them, for as long as they do. */
import { useState } from 'react';
import type { Download } from '../../../shared/schema/hub.ts';
import { api } from './client.ts';
import { useStream } from './use-stream.ts';

const isOver = (d: Download): boolean => d.status === 'done' || d.status === 'cancelled';
/** Those under way first, newest first. `error` says why nothing is known. */
export function useDownloads(): { downloads: readonly Download[]; error: unknown } {
  const [downloads, setDownloads] = useState<readonly Download[]>([]);
  const error = useStream((signal) => api.hub.watch({}, { signal }), (item) => { setDownloads(item.downloads.toSorted((a, b) => Number(isOver(a)) - Number(isOver(b)) || b.started_at - a.started_at)); }, 'downloads');
  return { downloads, error };
}
