/**
 * Values on a WebSocket: one JSON text frame, then one binary frame for each typed array in it. The text is `[value]` or `[value, refs]`; a ref is
 * `[path, kind]` and says what stands at that path: a typed array (in order of the binary frames) or a number that JSON lacks (NaN, the infinities).
 */
const VIEWS = { u8: Uint8Array, i32: Int32Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array } as const;
type ViewKind = keyof typeof VIEWS;
const NUMBERS: Record<string, number> = { nan: NaN, inf: Infinity, '-inf': -Infinity };
type Path = (string | number)[];
type Ref = [path: Path, kind: string];
export interface Encoded { text: string; binaries: Uint8Array[] }

function viewKind(x: ArrayBufferView): ViewKind {
  for (const kind of Object.keys(VIEWS) as ViewKind[]) if (x instanceof VIEWS[kind]) return kind;
  throw new TypeError(`${x.constructor.name} can't be sent: use Uint8Array, Int32Array, Uint32Array, Float32Array or Float64Array.`);
}

/** Paths of what JSON can't hold; also refuses what no transport may carry. */
function findRefs(value: unknown): { refs: Ref[]; binaries: Uint8Array[] } {
  const refs: Ref[] = [], binaries: Uint8Array[] = [], path: Path = [];
  const visit = (x: unknown): void => {
    if (typeof x === 'number') { if (!Number.isFinite(x)) refs.push([[...path], Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf']); return; }
    if (typeof x !== 'object' || x === null) { if (typeof x === 'bigint' || typeof x === 'function' || typeof x === 'symbol') throw new TypeError(`A ${typeof x} can't be sent.`); return; }
    if (ArrayBuffer.isView(x)) {
      refs.push([[...path], viewKind(x)]);
      binaries.push(new Uint8Array(x.buffer as ArrayBuffer, x.byteOffset, x.byteLength));
      return;
    }
    if (Array.isArray(x)) { x.forEach((item, i) => { path.push(i); visit(item); path.pop(); }); return; }
    for (const key of Object.keys(x)) { path.push(key); visit((x as Record<string, unknown>)[key]); path.pop(); }
  };
  visit(value);
  return { refs, binaries };
}

export function encode(value: unknown): Encoded {
  const { refs, binaries } = findRefs(value);
  if (refs.length === 0) return { text: JSON.stringify([value]), binaries };
  // Typed arrays would be spelled out as objects; their place is filled from the binary frames.
  const text = JSON.stringify([value, refs], function skip(key, v: unknown) {
    return ArrayBuffer.isView((this as Record<string, unknown>)[key]) ? null : v;
  });
  return { text, binaries };
}

const isRef = (x: unknown): x is Ref => Array.isArray(x) && x.length === 2 && typeof x[1] === 'string' && Array.isArray(x[0]) && x[0].every((p) => typeof p === 'string' || (typeof p === 'number' && Number.isSafeInteger(p) && p >= 0));

/** Puts frames together again. `push` takes text and binary frames as they come and gives each value once it is whole; throws on anything that `encode` can't have made. */
export class Decoder {
  #value: [unknown] | undefined;
  #refs: Ref[] = [];
  #binaries: Uint8Array[] = [];
  #expected = 0;

  /** Returns the completed value in a box, or undefined while binary frames are missing. */
  push(frame: string | Uint8Array): { value: unknown } | undefined {
    if (typeof frame === 'string') {
      if (this.#value) throw new TypeError('A text frame came where a binary one was due.');
      const parsed: unknown = JSON.parse(frame);
      if (!Array.isArray(parsed) || parsed.length < 1 || parsed.length > 2) throw new TypeError('A text frame is not a message.');
      const refs: unknown = parsed[1] ?? [];
      if (!Array.isArray(refs) || !refs.every(isRef)) throw new TypeError('A text frame has broken references.');
      this.#value = [parsed[0]];
      this.#refs = refs;
      this.#expected = refs.filter(([, kind]) => Object.hasOwn(VIEWS, kind)).length;
    } else {
      if (!this.#value) throw new TypeError('A binary frame came without its text frame.');
      this.#binaries.push(frame);
    }
    if (this.#binaries.length < this.#expected) return undefined;
    const box = this.#value;
    let taken = 0;
    for (const [path, kind] of this.#refs) place(box, path, Object.hasOwn(VIEWS, kind) ? typed(kind as ViewKind, this.#binaries[taken++] as Uint8Array) : number(kind));
    this.#value = undefined;
    this.#refs = [];
    this.#binaries = [];
    return { value: box[0] };
  }
}

function number(kind: string): number {
  const n = Object.hasOwn(NUMBERS, kind) ? NUMBERS[kind] : undefined;
  if (n === undefined) throw new TypeError(`A reference has the unknown kind ${kind}.`);
  return n;
}

function typed(kind: ViewKind, bytes: Uint8Array): ArrayBufferView {
  const View = VIEWS[kind];
  if (bytes.byteLength % View.BYTES_PER_ELEMENT !== 0) throw new TypeError(`A binary frame of ${bytes.byteLength} bytes does not hold whole ${kind} values.`);
  return new View(bytes.slice().buffer); // copied: frames may lie unaligned in a shared buffer
}

/** Sets `box[0]` at `path`, through own properties only. */
function place(box: [unknown], path: Path, value: unknown): void {
  let owner: object = box, key: string | number = 0;
  for (const part of path) {
    const next: unknown = (owner as Record<string | number, unknown>)[key];
    if (typeof next !== 'object' || next === null || !Object.hasOwn(next, part)) throw new TypeError('A reference points nowhere.');
    owner = next;
    key = part;
  }
  (owner as Record<string | number, unknown>)[key] = value;
}
