/**
 * Pairs and labelled answers to token ids. Rules: TRL's DPOTrainer, KTOTrainer and RewardTrainer (spec/alignment.md 4 to 6): the prompt is tokenised alone (a conversation with its generation prompt) and with each
 * answer; the answer begins after as many tokens as the prompt has; text answers end with EOS; every prompt with answer is cut at its end. A reward model reads prompt and answer as one text and is never given a cut one.
 */
import { isDeepStrictEqual } from 'node:util';
import { AnnealError } from '../../../shared/errors.ts';
import type { CanonicalRow, Message } from '../../../shared/formats.ts';
import type { ChatTemplate } from '../templates/chat-template.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { SftEncoder, type EncodedRow, type SftWarning } from './sft.ts';

/** Prompt and answer as they are read; the first `prompt` ids are the prompt. */
export interface EncodedAnswer { ids: Int32Array; prompt: number; /** Tokens before truncation. */ total: number; hasStop: boolean; warnings: SftWarning[] }
/** A pair (chosen, rejected) or one labelled answer. */
export interface EncodedExample {
  answers: EncodedAnswer[];
  columns: { margin?: number; label?: number };
  truncated: boolean;
  /** An answer's first token holds the end of the prompt too, so the prompt's tokens cannot be shared. */
  separate: boolean;
  /** Nothing can be learned: the prompt alone fills max_length, or (reward) an answer would have to be cut. */
  tooLong: boolean;
  /** Both answers are the same. */
  identical: boolean;
}
export interface AnswerOptions {
  max_length: number;
  /** One number is read at the end of the text: no prompt is needed, nothing may be cut. */
  reward?: boolean;
}
type Side = string | readonly Message[];

const isBlank = (side: Side): boolean => (typeof side === 'string' ? side.trim() === '' : side.every((m) => (m.content ?? '').trim() === '' && m.tool_calls === undefined));

export class AnswerEncoder {
  /** Spells tokens and knows which stop. */
  readonly encoder: SftEncoder;
  readonly #options: AnswerOptions;

  constructor(tokenizer: Tokenizer, template: ChatTemplate | null, options: AnswerOptions) {
    this.#options = options;
    this.encoder = new SftEncoder(tokenizer, template, { max_length: options.max_length, ...(options.reward === true ? { assistant_only_loss: false } : { completion_only_loss: null }) });
  }

  get maxLength(): number { return this.#options.max_length; }
  get reward(): boolean { return this.#options.reward === true; }

  /** Throws `row-invalid` for a row without a judgement, an answer or (but for reward models) a prompt; `template-missing`, `template-invalid`. */
  encode(row: CanonicalRow): EncodedExample {
    switch (row.kind) {
      case 'preference': {
        this.#check(row.prompt, { chosen: row.chosen, rejected: row.rejected });
        const answers = [this.#answer(row.prompt, row.chosen, row.tools), this.#answer(row.prompt, row.rejected, row.tools)];
        return this.#example(answers, { margin: row.margin ?? 0 }, isDeepStrictEqual(row.chosen, row.rejected));
      }
      case 'unpaired-preference':
        this.#check(row.prompt, { completion: row.completion });
        return this.#example([this.#answer(row.prompt, row.completion, row.tools)], { label: row.label ? 1 : 0 }, false);
      default: throw new AnnealError('row-invalid', 'The row has no judged answers: give pairs (prompt, chosen, rejected) or labelled answers (prompt, completion, label).');
    }
  }

  #check(prompt: Side, answers: Record<string, Side>): void {
    for (const [name, answer] of Object.entries(answers)) if (isBlank(answer)) throw new AnnealError('row-invalid', `The ${name} answer is empty; give it a text, or leave the row out.`);
    if (!this.reward && isBlank(prompt)) throw new AnnealError('row-invalid', 'The row has no prompt: give a prompt column, or let both answers begin with the same turns or the same text.');
  }

  #answer(prompt: Side, answer: Side, tools: readonly unknown[] | undefined): EncodedAnswer {
    const given = tools === undefined ? {} : { tools: [...tools] };
    if (!this.reward) {
      const row = this.encoder.encode({ kind: 'prompt-completion', prompt: typeof prompt === 'string' ? prompt : [...prompt], completion: typeof answer === 'string' ? answer : [...answer], ...given });
      const first = row.mask.indexOf(1);
      return this.#encoded(row, first < 0 ? row.ids.length : first);
    }
    const whole = typeof prompt === 'string' && typeof answer === 'string' ? this.encoder.encode({ kind: 'text', text: prompt + answer }) : this.encoder.encode({ kind: 'messages', messages: [...(prompt as Message[]), ...(answer as Message[])], ...given });
    return this.#encoded(whole, 0);
  }

  #encoded(row: EncodedRow, prompt: number): EncodedAnswer {
    return { ids: row.ids, prompt, total: row.total, hasStop: row.hasStop, warnings: row.warnings };
  }

  #example(answers: EncodedAnswer[], columns: EncodedExample['columns'], identical: boolean): EncodedExample {
    const truncated = answers.some((a) => a.total > a.ids.length);
    if (this.reward) shareBeginning(answers);
    return { answers, columns, truncated, separate: answers.some((a) => a.warnings.includes('boundary-merge')), tooLong: this.reward ? truncated : answers.some((a) => a.ids.length <= a.prompt), identical };
  }
}

/** A reward is read at the end, so whatever both texts begin with may be read once. At least one token stays with each. */
function shareBeginning(answers: EncodedAnswer[]): void {
  const [a, b] = answers;
  if (!a || !b) return;
  const most = Math.min(a.ids.length, b.ids.length) - 1;
  let n = 0;
  while (n < most && a.ids[n] === b.ids[n]) n++;
  a.prompt = b.prompt = n;
}
