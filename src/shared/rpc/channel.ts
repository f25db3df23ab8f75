/** What carries frames: an ordered, reliable, two-way pipe of plain values. Transports are small files of their own; this one holds the interface and the pair used in tests and in one process. */

export interface Channel {
  /** Sends one value (JSON-like plus typed arrays). After the channel has closed this does nothing. */
  send(message: unknown): void;
  /** Sets the one receiver. Messages that came earlier are kept and delivered to it in order. */
  onMessage(fn: (message: unknown) => void): void;
  /** Called once, also when the channel had closed before. */
  onClose(fn: () => void): void;
  close(): void;
  /** Bytes accepted but not yet handed to the system, where the transport can tell. */
  buffered?(): number;
}

/** The receiving half that every transport shares: keeps early messages, calls listeners once, and survives close before listen. */
export class Inbox {
  #receiver: ((message: unknown) => void) | undefined;
  #early: unknown[] = [];
  #closeListeners: (() => void)[] = [];
  #closed = false;
  get closed(): boolean { return this.#closed; }
  deliver(message: unknown): void {
    if (this.#closed) return;
    if (this.#receiver) this.#receiver(message); else this.#early.push(message);
  }
  onMessage(fn: (message: unknown) => void): void {
    this.#receiver = fn;
    for (const m of this.#early.splice(0)) fn(m);
  }
  onClose(fn: () => void): void {
    if (this.#closed) fn(); else this.#closeListeners.push(fn);
  }
  /** Returns false when it was closed already. */
  close(): boolean {
    if (this.#closed) return false;
    this.#closed = true;
    for (const fn of this.#closeListeners.splice(0)) fn();
    return true;
  }
}

/** Two ends of a channel inside one process. Messages are structured clones, delivered in a later microtask, as a real transport would. */
export function memoryPair(): [Channel, Channel] {
  const inboxes = [new Inbox(), new Inbox()] as const;
  const end = (mine: Inbox, theirs: Inbox): Channel => ({
    send: (message) => {
      if (mine.closed) return;
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => { theirs.deliver(copy); });
    },
    onMessage: (fn) => { mine.onMessage(fn); },
    onClose: (fn) => { mine.onClose(fn); },
    // What was sent before the close still arrives, then the other end closes.
    close: () => { if (mine.close()) queueMicrotask(() => { theirs.close(); }); },
  });
  return [end(inboxes[0], inboxes[1]), end(inboxes[1], inboxes[0])];
}

/** Joins two channels: what one receives the other sends; when one closes, so does the other. For relays between transports. */
export function joinChannels(a: Channel, b: Channel): void {
  a.onMessage((m) => { b.send(m); });
  b.onMessage((m) => { a.send(m); });
  a.onClose(() => { b.close(); });
  b.onClose(() => { a.close(); });
}
