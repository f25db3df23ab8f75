/** Many channels over one: numbered sub-channels with a label, opened by either side. For process pipes, of which there is one a child. */
import { Inbox } from './channel.ts';
import type { Channel } from './channel.ts';

type Packet = { mux: 'open'; id: number; label: string } | { mux: 'data'; id: number; data: unknown } | { mux: 'close'; id: number };

export interface Mux {
  open(label: string): Channel;
  /** Sub-channels that the other side opened. Those opened earlier are kept until this is called. */
  onOpen(fn: (label: string, channel: Channel) => void): void;
  onClose(fn: () => void): void;
  close(): void;
}

function isPacket(x: unknown): x is Packet {
  if (typeof x !== 'object' || x === null || !('mux' in x) || !('id' in x) || !Number.isSafeInteger(x.id)) return false;
  return x.mux === 'data' || x.mux === 'close' || (x.mux === 'open' && 'label' in x && typeof x.label === 'string');
}

/** `parity` keeps the two sides' ids apart: one side passes 0, the other 1. Closing the carrier closes every sub-channel. */
export function createMux(carrier: Channel, parity: 0 | 1): Mux {
  const open = new Map<number, Inbox>();
  const opened = new Inbox(); // buffers announcements until somebody listens
  let next = 2 + parity;
  const send = (packet: Packet): void => { carrier.send(packet); };
  const channel = (id: number): Channel => {
    const inbox = new Inbox();
    open.set(id, inbox);
    return {
      send: (data) => { if (!inbox.closed) send({ mux: 'data', id, data }); },
      onMessage: (fn) => { inbox.onMessage(fn); },
      onClose: (fn) => { inbox.onClose(fn); },
      close: () => { if (open.delete(id)) { send({ mux: 'close', id }); inbox.close(); } },
    };
  };
  carrier.onMessage((p) => {
    if (!isPacket(p)) return;
    if (p.mux === 'open') opened.deliver({ label: p.label, channel: channel(p.id) });
    else if (p.mux === 'data') open.get(p.id)?.deliver(p.data);
    else { const inbox = open.get(p.id); open.delete(p.id); inbox?.close(); }
  });
  carrier.onClose(() => { for (const inbox of open.values()) inbox.close(); open.clear(); });
  return {
    open: (label) => { const id = next; next += 2; send({ mux: 'open', id, label }); return channel(id); },
    onOpen: (fn) => { opened.onMessage((m) => { const { label, channel: c } = m as { label: string; channel: Channel }; fn(label, c); }); },
    onClose: (fn) => { carrier.onClose(fn); },
    close: () => { carrier.close(); },
  };
}
