/** The one connection to the host: it reconnects by itself; requests made meanwhile wait. `api.runs.list()` and so on. */
import { create } from 'zustand';
import { contract } from '../../../shared/contract.ts';
import { createLink } from '../../../shared/rpc/link.ts';
import type { LinkState } from '../../../shared/rpc/link.ts';
import { connect } from '../platform/connect.ts';

export const link = createLink(contract, connect);
export const api = link.api;

export const useLink = create<LinkState>(() => link.state);
link.onState((state) => { useLink.setState(state, true); });
export const isConnected = (): boolean => useLink.getState().status === 'open';
