/** Decodes tokens as they come. Text is given out only when its characters are complete: a UTF-8 sequence that is cut by a token boundary is held back until the rest arrives. */

/** Bytes of a token; null: the token has none of its own (skipped special token, id outside of the vocabulary). */
export type TokenBytes = (id: number) => Uint8Array | null;

export class StreamDecoder {
  readonly #bytes: TokenBytes;
  readonly #dropFirstSpace: boolean;
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #begun = false;

  constructor(bytes: TokenBytes, dropFirstSpace: boolean) {
    this.#bytes = bytes;
    this.#dropFirstSpace = dropFirstSpace;
  }

  /** The text that this token completes; often one piece, empty in the middle of a character. */
  push(id: number): string {
    let bytes = this.#bytes(id);
    if (!bytes || bytes.length === 0) return '';
    if (!this.#begun && this.#dropFirstSpace && bytes[0] === 0x20) bytes = bytes.subarray(1);
    this.#begun = true;
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** What is still held back: incomplete characters become U+FFFD. */
  flush(): string { return this.#decoder.decode(); }
}
