/**
 * Rows to token ids and loss masks for supervised fine-tuning. Rules: TRL's SFTTrainer (tokenise, truncate ids and mask together, drop rows with nothing to train on).
 * Two differences on purpose: `assistant_only_loss` defaults to on for conversations, and the stop token after an assistant turn is trained even where a template leaves it outside of its markers (`train_stop: false` for TRL's way).
 */
import { AnnealError } from '../../../shared/errors.ts';
import type { CanonicalRow, Message } from '../../../shared/formats.ts';
import type { ChatTemplate, Span } from '../templates/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { maskOfSpans, runs, stopOfRun } from './span-mask.ts';
import { stopIds } from './stop-ids.ts';

export interface SftOptions {
  /** Tokens kept from the start of a row; null: all. */
  max_length?: number | null;
  /** null: on for prompt-completion rows. */
  completion_only_loss?: boolean | null;
  /** null: on for conversations. */
  assistant_only_loss?: boolean | null;
  /** Train the stop token after an assistant turn where the template's markers leave it out. */
  train_stop?: boolean;
}

/** boundary-merge: the prompt's last token changes when the completion follows. stop-outside-mask: the template leaves the stop token out of its markers. no-stop: the row never teaches to stop. special-in-content: the row's text spells a special token. mask-inexact: no offsets, a token stands across a turn's edge. */
export type SftWarning = 'truncated' | 'boundary-merge' | 'stop-outside-mask' | 'no-stop' | 'special-in-content' | 'mask-inexact';

export interface EncodedRow {
  ids: Int32Array;
  /** 1: a loss stands on predicting this token. Position 0 is never trained, it has no prediction. */
  mask: Uint8Array;
  /** Tokens before truncation. */
  total: number;
  trained: number;
  truncated: boolean;
  /** The last trained run ends with a stop token (white space may follow it). */
  hasStop: boolean;
  warnings: SftWarning[];
}

interface Draft { ids: number[]; mask: Uint8Array; warnings: SftWarning[] }

const isConversation = (v: string | readonly Message[]): v is readonly Message[] => typeof v !== 'string';
const escapeRegExp = (s: string): string => s.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Without the turns that a row switches off with `weight: 0` (OpenAI's fine-tuning format). Throws `row-invalid` where spans and turns cannot be matched. */
function weighted(spans: readonly Span[], messages: readonly Message[]): readonly Span[] {
  const answers = messages.filter((m) => m.role === 'assistant');
  if (!answers.some((m) => m['weight'] === 0)) return spans;
  if (answers.length !== spans.length) throw new AnnealError('row-invalid', `The row switches turns off with weight 0, but its ${answers.length} assistant turns appear as ${spans.length} parts in the chat template.`);
  return spans.filter((_, i) => answers[i]?.['weight'] !== 0);
}

export class SftEncoder {
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate | null;
  /** Ids that end an answer: pass them to generation. */
  readonly stopIds: readonly number[];
  readonly #stops: ReadonlySet<number>;
  readonly #options: Required<SftOptions>;
  readonly #specials: RegExp | null;
  /** Special tokens that the tokenizer itself adds behind a text. */
  readonly #suffix: number;

  constructor(tokenizer: Tokenizer, template: ChatTemplate | null, options: SftOptions = {}) {
    this.tokenizer = tokenizer;
    this.template = template;
    this.#options = { max_length: options.max_length ?? null, completion_only_loss: options.completion_only_loss ?? null, assistant_only_loss: options.assistant_only_loss ?? null, train_stop: options.train_stop ?? true };
    if (this.#options.max_length !== null && this.#options.max_length < 2) throw new AnnealError('recipe-value', 'max_length must be at least 2: the first token of a row has no prediction.');
    this.stopIds = stopIds(tokenizer, template);
    this.#stops = new Set(this.stopIds);
    const specials = tokenizer.specialContents();
    this.#specials = specials.length > 0 ? new RegExp(specials.map(escapeRegExp).join('|'), 'u') : null;
    const bare = tokenizer.encode('a', { addSpecial: false });
    const full = tokenizer.encode('a');
    let suffix = 0;
    while (suffix < full.length - bare.length && tokenizer.specialIds.has(full[full.length - 1 - suffix] ?? -1)) suffix++;
    this.#suffix = suffix;
  }

  /** Encodes one row. Throws `template-missing`, `template-invalid`, `row-invalid`, or `recipe-value` for loss options that the row's kind does not have. */
  encode(row: CanonicalRow): EncodedRow { return this.#finish(this.#draft(row), this.#options.max_length); }

  /** The row without truncation, for the loss-mask view. */
  encodeWhole(row: CanonicalRow): EncodedRow { return this.#finish(this.#draft(row), null); }

  get maxLength(): number | null { return this.#options.max_length; }
  isStop(id: number): boolean { return this.#stops.has(id); }

  #draft(row: CanonicalRow): Draft {
    switch (row.kind) {
      case 'text': return this.#text(row.text);
      case 'messages': return this.#conversation(row.messages, row.tools);
      case 'prompt-completion':
        if (isConversation(row.prompt) && isConversation(row.completion)) return this.#promptConversation(row.prompt, row.completion, row.tools);
        if (isConversation(row.prompt) || isConversation(row.completion)) throw new AnnealError('row-invalid', 'Prompt and completion must both be text or both be conversations.');
        return this.#promptText(row.prompt, row.completion);
      case 'preference':
      case 'unpaired-preference': throw new AnnealError('row-invalid', 'Rows of judged answers cannot be trained on by fine-tuning; choose a method of preferences, or data of prompts and completions.');
    }
  }

  #refuse(option: 'completion_only_loss' | 'assistant_only_loss', needs: string): void {
    if (this.#options[option] === true) throw new AnnealError('recipe-value', `${option} needs ${needs}; this dataset has none. Leave it unset.`, { option });
  }

  /** Appends the eos text iff the text does not end with it and the tokenizer does not add it by itself. */
  #withEos(text: string): string {
    const eos = this.tokenizer.eos;
    return !eos || this.#suffix > 0 || text.endsWith(eos.content) ? text : text + eos.content;
  }

  #text(text: string): Draft {
    this.#refuse('completion_only_loss', 'rows with prompt and completion');
    this.#refuse('assistant_only_loss', 'conversations');
    const ids = this.tokenizer.encode(this.#withEos(text));
    return { ids, mask: new Uint8Array(ids.length).fill(1), warnings: [] };
  }

  #promptText(prompt: string, completion: string): Draft {
    this.#refuse('assistant_only_loss', 'conversations');
    const alone = this.tokenizer.encode(prompt);
    const ids = this.tokenizer.encode(prompt + this.#withEos(completion));
    return this.#split(ids, alone.slice(0, alone.length - this.#suffix), []);
  }

  #split(ids: number[], prompt: readonly number[], warnings: SftWarning[]): Draft {
    const mask = new Uint8Array(ids.length).fill(1);
    if (!prompt.every((id, i) => id === ids[i])) warnings.push('boundary-merge');
    if (this.#options.completion_only_loss !== false) mask.fill(0, 0, Math.min(prompt.length, ids.length));
    return { ids, mask, warnings };
  }

  #needTemplate(): ChatTemplate {
    if (!this.template) throw new AnnealError('template-missing', "The model's tokenizer has no chat template, so conversations cannot be rendered; set `chat_template: chatml` in the recipe, or train on prompt and completion text.");
    return this.template;
  }

  #spelled(messages: readonly Message[]): SftWarning[] {
    return this.#specials && messages.some((m) => m.content !== null && this.#specials?.test(m.content)) ? ['special-in-content'] : [];
  }

  #conversation(messages: readonly Message[], tools: readonly unknown[] | undefined): Draft {
    this.#refuse('completion_only_loss', 'rows with prompt and completion');
    const template = this.#needTemplate();
    const warnings = this.#spelled(messages);
    if (this.#options.assistant_only_loss === false) {
      const ids = this.tokenizer.encode(template.render(messages, { tools }), { addSpecial: false });
      return { ids, mask: new Uint8Array(ids.length).fill(1), warnings };
    }
    return this.#assistant(template, messages, tools, warnings);
  }

  #assistant(template: ChatTemplate, messages: readonly Message[], tools: readonly unknown[] | undefined, warnings: SftWarning[]): Draft {
    const render = template.renderMasked(messages, { tools });
    const { text, method } = render;
    const spans = weighted(render.spans, messages);
    const ids = this.tokenizer.encode(text, { addSpecial: false });
    const { mask, exact, merged } = maskOfSpans(this.tokenizer, text, ids, spans);
    if (!exact) warnings.push('mask-inexact');
    if (merged) warnings.push('boundary-merge');
    for (const run of runs(mask)) {
      const stop = stopOfRun(this.tokenizer, ids, run, this.#stops);
      const next = ids[run[1]];
      if (stop >= 0) {
        if (method === 'prefix') mask.fill(0, stop + 1, run[1]); // what follows a stop token is never generated
      } else if (next !== undefined && this.#stops.has(next)) {
        if (!warnings.includes('stop-outside-mask')) warnings.push('stop-outside-mask');
        if (this.#options.train_stop) mask[run[1]] = 1;
      }
    }
    return { ids, mask, warnings };
  }

  #promptConversation(prompt: readonly Message[], completion: readonly Message[], tools: readonly unknown[] | undefined): Draft {
    const template = this.#needTemplate();
    const messages = [...prompt, ...completion];
    const warnings = this.#spelled(messages);
    const alone = this.tokenizer.encode(template.render(prompt, { addGenerationPrompt: true, tools }), { addSpecial: false });
    if (this.#options.assistant_only_loss === true) {
      const draft = this.#assistant(template, messages, tools, warnings);
      const split = this.#split(draft.ids, alone, warnings);
      return { ...draft, mask: draft.mask.map((m, i) => m & (split.mask[i] ?? 0)) };
    }
    return this.#split(this.tokenizer.encode(template.render(messages, { tools }), { addSpecial: false }), alone, warnings);
  }

  #finish({ ids: all, mask: whole, warnings }: Draft, limit: number | null): EncodedRow {
    const truncated = limit !== null && all.length > limit;
    const ids = truncated ? all.slice(0, limit) : all;
    const mask = truncated ? whole.slice(0, limit) : whole;
    if (mask.length > 0) mask[0] = 0;
    let trained = 0;
    for (const m of mask) trained += m;
    const last = runs(mask).at(-1);
    const hasStop = last !== undefined && stopOfRun(this.tokenizer, ids, last, this.#stops) >= 0;
    if (truncated) warnings.push('truncated');
    if (!hasStop) warnings.push('no-stop');
    return { ids: Int32Array.from(ids), mask, total: all.length, trained, truncated, hasStop, warnings };
  }
}
