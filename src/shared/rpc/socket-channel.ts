/** A channel over a WebSocket, the page's or that of the `ws` package (which has the same face). A message that can't be decoded closes the socket. */
import { AnnealError } from '../errors.ts';
import { Inbox } from './channel.ts';
import type { Channel } from './channel.ts';
import { Decoder, encode } from './codec.ts';

export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: string | Uint8Array): void;
  close(code?: number): void;
  addEventListener(type: 'message', fn: (e: { data: unknown }) => void): void;
  addEventListener(type: 'close', fn: () => void): void;
  addEventListener(type: 'error', fn: () => void): void;
  addEventListener(type: 'open', fn: () => void): void;
}
const OPEN = 1, PROTOCOL_ERROR = 1002;

/** Listens at once, so that no early message is lost; what is sent before the socket is open is lost, so a dialling side waits with `openSocket`. */
export function socketChannel(socket: SocketLike): Channel {
  const inbox = new Inbox(), decoder = new Decoder();
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('message', ({ data }) => {
    try {
      const whole = decoder.push(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer));
      if (whole) inbox.deliver(whole.value);
    } catch { socket.close(PROTOCOL_ERROR); inbox.close(); }
  });
  socket.addEventListener('close', () => { inbox.close(); });
  socket.addEventListener('error', () => { inbox.close(); });
  return {
    send: (m) => {
      if (inbox.closed || socket.readyState !== OPEN) return;
      const { text, binaries } = encode(m);
      socket.send(text);
      for (const b of binaries) socket.send(b);
    },
    onMessage: (fn) => { inbox.onMessage(fn); },
    onClose: (fn) => { inbox.onClose(fn); },
    close: () => { if (inbox.close()) socket.close(); },
    buffered: () => socket.bufferedAmount,
  };
}

/** For the side that dials: a channel once the socket is open; rejects when it closes before. */
export function openSocket(socket: SocketLike): Promise<Channel> {
  const channel = socketChannel(socket);
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => { resolve(channel); });
    channel.onClose(() => { reject(new AnnealError('disconnected', 'The program does not answer: it may have ended.')); });
  });
}
