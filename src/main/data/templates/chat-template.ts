/**
 * A chat template (Jinja) and its renders: plain, and with the spans that the assistant wrote.
 * Spans come from `{% generation %}` markers where the template has them, else from comparing renders of growing conversations, which needs a template that keeps its prefix.
 * The Jinja package drops the markers, so they are first rewritten to call blocks; transformers implements its marker as a call block too, so scopes and white space agree.
 */
import { AnnealError } from '../../../shared/errors.ts';
import type { Message } from '../../../shared/formats.ts';
import { DEFAULT_LIMITS, TemplateLimitError, TemplateRefusal, parseTemplate, runPrograms, type Program, type TemplateLimits } from './limited-interpreter.ts';

export interface TemplateOptions {
  /** Variables such as bos_token and eos_token. */
  tokens?: Record<string, string>;
  /** Date for `strftime_now`; a fixed one makes renders repeatable. */
  now?: Date;
  limits?: Partial<TemplateLimits>;
}
export interface RenderOptions { addGenerationPrompt?: boolean; tools?: readonly unknown[] | undefined; /** Extra variables, e.g. enable_thinking. */ variables?: Record<string, unknown> }
/** UTF-16 positions, end exclusive. */
export type Span = readonly [start: number, end: number];
export interface MaskedRender { text: string; spans: Span[]; method: 'markers' | 'prefix' }

/** Name of the macro that a marker calls, and of its two variables. */
const MACRO = 'anneal_generation';
const macro = `{%- macro ${MACRO}() -%}{{ ${MACRO}_open }}{{ caller() }}{{ ${MACRO}_close }}{%- endmacro -%}`;
const OPENING = /\{%([-+]?)\s*generation\s*([-+]?)%\}/g;
const CLOSING = /\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g;
const MAX_SOURCE = 256 * 1024;
/** The package's lexer takes time quadratic in a run of white space. */
const LONG_BLANK = /\s{2000}/;
/** Turns that are compared by prefixes: each needs renders of all turns before it. */
const MAX_PREFIX_TURNS = 500;
const GROWTH = /[\u{F0000}-\u{FFFFD}]/u;

export class ChatTemplate {
  readonly source: string;
  readonly hasMarkers: boolean;
  readonly #program: Program;
  readonly #macro: Program;
  readonly #tokens: Record<string, string>;
  readonly #now: Date;
  readonly #limits: TemplateLimits;

  /** Parses. Throws `template-invalid`. */
  constructor(source: string, options: TemplateOptions = {}) {
    if (source.length > MAX_SOURCE || LONG_BLANK.test(source)) throw new AnnealError('template-invalid', `The chat template has ${source.length} characters or a very long blank; choose another one.`);
    this.source = source;
    this.hasMarkers = source.search(OPENING) >= 0;
    const rewritten = source.replace(OPENING, `{%$1 call ${MACRO}() $2%}`).replace(CLOSING, '{%$1 endcall $2%}');
    try {
      this.#macro = parseTemplate(macro);
      this.#program = parseTemplate(rewritten);
    } catch (e) {
      throw new AnnealError('template-invalid', `The chat template does not parse (${e instanceof Error ? e.message : String(e)}); correct it or choose another one, for example chatml.`, {}, { cause: e });
    }
    this.#tokens = options.tokens ?? {};
    this.#now = options.now ?? new Date();
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  #run(messages: readonly Message[], options: RenderOptions, open: string, close: string): string {
    const variables = {
      documents: null, ...this.#tokens, ...options.variables, messages: withObjectArguments(messages), tools: options.tools && options.tools.length > 0 ? options.tools : null, add_generation_prompt: options.addGenerationPrompt ?? false,
      [`${MACRO}_open`]: open, [`${MACRO}_close`]: close,
    };
    try { return runPrograms([this.#macro, this.#program], variables, { now: this.#now, limits: this.#limits }); } catch (e) {
      if (e instanceof TemplateRefusal) throw new AnnealError('row-invalid', `The chat template refuses this conversation: ${e.message}`, {}, { cause: e });
      if (e instanceof TemplateLimitError) throw new AnnealError('template-invalid', `The chat template was stopped (${e.message}); it may be broken or hostile. Choose another one, for example chatml.`, { stopped: 1 }, { cause: e });
      throw new AnnealError('template-invalid', `The chat template failed on this conversation: ${e instanceof Error ? e.message : String(e)}`, {}, { cause: e });
    }
  }

  /** The conversation as the model sees it. Throws `row-invalid` when the template refuses it, `template-invalid` when it fails or exceeds its limits. */
  render(messages: readonly Message[], options: RenderOptions = {}): string { return this.#run(messages, options, '', ''); }

  /** The render and the spans that the assistant wrote, in order. Throws like `render`, and `template-invalid` for a template that has no markers and rewrites earlier turns. */
  renderMasked(messages: readonly Message[], options: RenderOptions = {}): MaskedRender {
    return this.hasMarkers ? this.#byMarkers(messages, options) : this.#byPrefix(messages, options);
  }

  #byMarkers(messages: readonly Message[], options: RenderOptions): MaskedRender {
    const text = this.render(messages, options);
    const [open, close] = sentinels(text);
    const marked = this.#run(messages, options, open, close);
    const spans: Span[] = [];
    let plain = '';
    let start = -1;
    for (const piece of marked.split(new RegExp(`(${open}|${close})`, 'u'))) {
      if (piece === open) start = plain.length;
      else if (piece === close) { if (start >= 0) spans.push([start, plain.length]); start = -1; } else plain += piece;
    }
    if (plain !== text) throw new AnnealError('template-invalid', 'The chat template changes the text inside its generation markers after they are set, so trained tokens cannot be told; move the markers to where the text is written.');
    return { text, spans: spans.filter(([a, b]) => b > a), method: 'markers' };
  }

  /** Render of the turns before an assistant turn. Some templates fail on no turns at all; then the turn's header counts as the assistant's. */
  #head(messages: readonly Message[], options: RenderOptions): string {
    if (messages.length > 0) return this.render(messages, options);
    try { return this.render(messages, options); } catch { return ''; }
  }

  #byPrefix(messages: readonly Message[], options: RenderOptions): MaskedRender {
    const answers = messages.filter((m) => m.role === 'assistant').length;
    if (answers > MAX_PREFIX_TURNS) throw new AnnealError('row-invalid', `The conversation has ${answers} assistant turns; a template without generation markers can tell at most ${MAX_PREFIX_TURNS}.`);
    const text = this.render(messages, options);
    const spans: Span[] = [];
    messages.forEach((m, i) => {
      if (m.role !== 'assistant') return;
      const before = this.#head(messages.slice(0, i), { ...options, addGenerationPrompt: false });
      const prompt = this.#head(messages.slice(0, i), { ...options, addGenerationPrompt: true });
      const after = i === messages.length - 1 && !options.addGenerationPrompt ? text : this.render(messages.slice(0, i + 1), { ...options, addGenerationPrompt: false });
      // The generation prompt may hold more than the turn's header (an open thinking block): the turn starts where the two part, never before the header.
      const start = commonPrefix(prompt, after);
      if (!text.startsWith(after) || start < Math.min(before.length, prompt.length)) {
        throw new AnnealError('template-invalid', `The chat template rewrites earlier turns when a conversation grows (turn ${i + 1}) and has no generation markers, so assistant tokens cannot be told; choose a template with {% generation %} markers, or turn assistant_only_loss off.`, { turn: i + 1 });
      }
      if (after.length > start) spans.push([start, after.length]);
    });
    return { text, spans, method: 'prefix' };
  }
}

/** Messages whose tool calls carry their arguments as JSON text (OpenAI's wire format) get them as objects, which templates expect: as text they would be encoded twice. */
function withObjectArguments(messages: readonly Message[]): readonly Message[] {
  if (!messages.some((m) => m.tool_calls)) return messages;
  return messages.map((m) => (m.tool_calls ? { ...m, tool_calls: m.tool_calls.map(objectArguments) } : m));
}
function objectArguments(call: unknown): unknown {
  if (typeof call !== 'object' || call === null) return call;
  const inner: unknown = Reflect.get(call, 'function');
  if (typeof inner === 'object' && inner !== null) return { ...call, function: objectArguments(inner) };
  const text: unknown = Reflect.get(call, 'arguments');
  if (typeof text !== 'string') return call;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...call, arguments: value } : call;
  } catch { return call; }
}

function commonPrefix(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  let i = 0;
  while (i < n && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  return i;
}

/** Two characters of a private plane that the text does not hold. */
function sentinels(text: string): [string, string] {
  const used = GROWTH.test(text) ? new Set(text) : new Set<string>();
  const free: string[] = [];
  for (let c = 0xf0000; c <= 0xffffd && free.length < 2; c++) {
    const s = String.fromCodePoint(c);
    if (!used.has(s)) free.push(s);
  }
  const [open, close] = free;
  if (open === undefined || close === undefined) throw new AnnealError('row-invalid', 'The conversation uses every private character, so its assistant turns cannot be marked.');
  return [open, close];
}
