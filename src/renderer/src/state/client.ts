/** The one connection to the host: it reconnects by itself; requests made meanwhile wait. `api.runs.list()` and so on. */
import { create } from 'zustand';
import { contract } from '../../../shared/contract.ts';
import { createLink } from '../../../shared/rpc/link.ts';
import type { LinkState } from '../../../shared/rpc/link.ts';
import { connect } from '../platform/connect.ts';

export const link = createLink(contract, connect);
export const api = link.api;

export const useLink = create<LinkState>(() => link.state);
/** Whether this page has ever been connected: before that there is nothing to show. */
export const useEverOpen = create<{ yes: boolean }>(() => ({ yes: link.state.status === 'open' }));
link.onState((state) => {
  useLink.setState(state, true);
  if (state.status === 'open') useEverOpen.setState({ yes: true });
});
export const isConnected = (): boolean => useLink.getState().status === 'open';
