/** A language model as a reward model: it is asked about each answer, and the score is ln P(yes) - ln P(no) of how its reply begins (shared/schema/reward.ts). Both words are read behind one prompt that is computed once; a word of several tokens counts with all of them. */

import { AnnealError } from '../../../shared/errors.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { JudgeQuestion } from '../../../shared/schema/reward.ts';
import type { ModelRef } from '../protocol.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { scoreCompletions } from '../train/score-completions.ts';
import type { ModelText } from './model-text.ts';

export class AnswerJudge {
  readonly #text: ModelText;
  readonly #question: JudgeQuestion;
  readonly #words: readonly number[][];

  constructor(text: ModelText, question: JudgeQuestion) {
    this.#text = text;
    this.#question = question;
    // Without a template the reply goes on in the line of the question.
    const lead = text.template === null ? ' ' : '';
    this.#words = [question.yes, question.no].map((word) => text.tokenizer.encode(`${lead}${word}`, { addSpecial: false }));
    const [yes, no] = this.#words as [number[], number[]];
    if (startsWith(yes, no) || startsWith(no, yes)) throw new AnnealError('bad-request', `For this tokenizer one of the words "${question.yes}" and "${question.no}" begins with the other, so they cannot be told apart; choose two other words.`);
  }

  /** The question about one answer, followed by each of the two words. */
  row(prompt: string, answer: string, source: number): ExampleRow {
    // In one pass: an answer that holds {prompt} is not filled in again.
    const asked = this.#question.question.replaceAll(/\{(prompt|answer)\}/g, (_, name: string) => (name === 'prompt' ? prompt : answer));
    const { tokenizer, template } = this.#text;
    const ids = template === null ? tokenizer.encode(asked) : tokenizer.encode(template.render([{ role: 'user', content: asked }], { addGenerationPrompt: true }), { addSpecial: false });
    return { completions: this.#words.map((word) => ({ ids: [...ids, ...word], prompt: ids.length })), columns: {}, truncated: false, source };
  }
}

const startsWith = (a: readonly number[], b: readonly number[]): boolean => b.every((id, i) => a[i] === id);

interface Judging { model: ModelRef; adapter: LoraAdapter | null; rows: readonly ExampleRow[]; maxLength: number; batch: number; threads: number; signal: AbortSignal; onBatch: (done: number) => void }
/** One score per row, in their order. Every row fits maxLength. */
export async function judgeScores({ model, adapter, rows, ...options }: Judging): Promise<number[]> {
  const found = await scoreCompletions({ modelFolder: model.folder, start: model.checkpoint, adapter, rows, ...options });
  const scores = new Map(found.map(({ row, logps: [yes, no] }) => [row, yes! - no!]));
  return rows.map((_, i) => scores.get(i) ?? Number.NaN);
}
