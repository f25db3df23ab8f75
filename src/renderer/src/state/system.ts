/** The machine and the process as measured by the host, about once a second; nothing is known before the first answer or while the connection is lost. */
import { create } from 'zustand';
import type { SystemInfo, SystemStatus } from '../../../shared/schema/system.ts';
import { api, useLink } from './client.ts';

export const useSystem = create<{ info: SystemInfo | null; status: SystemStatus | null }>(() => ({ info: null, status: null }));

export function startSystem(): void {
  let abort: AbortController | undefined;
  const restart = (): void => {
    abort?.abort();
    const { signal } = abort = new AbortController();
    const quietly = (work: Promise<void>): void => { work.catch(() => { useSystem.setState({ status: null }); }); };
    quietly((async () => { useSystem.setState({ info: await api.system.info({}, { signal }) }); })());
    quietly((async () => { for await (const status of api.system.watch({}, { signal })) useSystem.setState({ status }); })());
  };
  const at = (open: boolean): void => { if (open) restart(); else useSystem.setState({ status: null }); };
  if (useLink.getState().status === 'open') restart();
  useLink.subscribe((now, before) => { if (now !== before) at(now.status === 'open'); });
}
/** Threads can be changed in the settings: asks again. */
export async function refreshSystemInfo(): Promise<void> { useSystem.setState({ info: await api.system.info() }); }
