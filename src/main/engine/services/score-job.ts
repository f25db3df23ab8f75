/** Scores the rows of a dataset with a reward model: pairs, labelled answers, prompts with completions, conversations (the last turn is the answer) or texts. */
import type { CanonicalRow, Message } from '../../../shared/formats.ts';
import { AnswerEncoder } from '../../data/encode/answers.ts';
import type { ScoredRow } from '../../../shared/schema/reward.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { ModelRef } from '../protocol.ts';
import type { ExampleRow } from '../methods/example-row.ts';
import { RewardScorer } from '../train/score.ts';
import { opened } from './encode-job.ts';
import { EventQueue } from './event-queue.ts';
import { inspectAdapter } from './inspect-adapter.ts';
import { openModelText } from './model-text.ts';

export interface ScoreRequest { model: ModelRef; four_bit: LoraAdapter['bnb_4bit_quant_type'] | null; dataset_dir: string; rows: number | null; max_length: number | null; batch: number; threads: number }
export interface ScoreItem { progress: number; rows: ScoredRow[]; left_out: number; done: boolean }

/** Rows in one message. */
const SLICE = 200;
type Side = string | readonly Message[];
interface Asked { index: number; prompt: Side; answers: Side[]; rating: number | null; row: ExampleRow }

/** Progress while it works; then the rows in order, in slices, the last with `done`. Rows that are too long or cannot be read are counted in `left_out`. */
export async function* scoreDataset(request: ScoreRequest, signal: AbortSignal): AsyncGenerator<ScoreItem> {
  const queue = new EventQueue<ScoreItem>();
  scored(request, signal, (progress) => { queue.push({ progress, rows: [], left_out: 0, done: false }); }).then(({ rows, leftOut }) => {
    for (let at = 0; at < rows.length || at === 0; at += SLICE) queue.push({ progress: 1, rows: rows.slice(at, at + SLICE), left_out: leftOut, done: at + SLICE >= rows.length });
    queue.end();
  }, (e: unknown) => { queue.fail(e); });
  yield* queue;
}

async function scored(request: ScoreRequest, signal: AbortSignal, tell: (progress: number) => void): Promise<{ rows: ScoredRow[]; leftOut: number }> {
  const { model, threads, batch } = request, { checkpoint } = model;
  const adapter = checkpoint?.kind === 'adapter' ? { ...inspectAdapter(checkpoint.folder, null).adapter, ...(request.four_bit === null ? {} : { load_in_4bit: true, bnb_4bit_quant_type: request.four_bit }) } : null;
  const scorer = new RewardScorer({ modelFolder: model.folder, start: checkpoint, adapter, batch, threads, signal });
  try {
    const text = await openModelText(model), maxLength = Math.min(request.max_length ?? scorer.context, scorer.context);
    const { asked, leftOut } = await readRows(request, new AnswerEncoder(text.tokenizer, text.template, { max_length: maxLength, reward: true }), signal);
    const groups = Map.groupBy(asked, (a) => a.row.completions.length), scores = new Map<Asked, number[]>();
    let before = 0;
    for (const group of groups.values()) {
      const found = await scorer.score(group.map((a) => a.row), (done) => { tell((before + done) / asked.length); });
      group.forEach((a, i) => scores.set(a, found[i]!));
      before += group.length;
    }
    const count = (side: Side): number => text.tokenizer.encode(plain(side), { addSpecial: false }).length;
    const rows = asked.map((a): ScoredRow => ({
      index: a.index, prompt: plain(a.prompt), rating: a.rating,
      answers: a.answers.map((answer, i) => ({ text: plain(answer), tokens: a.row.completions[i]!.ids.length, answer_tokens: count(answer), score: scores.get(a)![i]! })),
    }));
    const broken = rows.find((r) => r.answers.some((x) => !Number.isFinite(x.score)));
    if (broken) throw new AnnealError('loss-not-finite', `The reward model gives row ${broken.index + 1} no finite score; its weights are not usable.`);
    return { rows, leftOut };
  } finally { await scorer.dispose(); }
}

async function readRows({ dataset_dir, rows }: ScoreRequest, encoder: AnswerEncoder, signal: AbortSignal): Promise<{ asked: Asked[]; leftOut: number }> {
  await using held = await opened(dataset_dir);
  const asked: Asked[] = [];
  let leftOut = 0, index = -1, first: AnnealError | undefined;
  for await (const row of rows === null ? held.dataset : await held.dataset.rows(0, rows)) {
    index++;
    signal.throwIfAborted();
    try {
      const judged = asJudged(row), encoded = encoder.encode(judged);
      if (encoded.tooLong) { leftOut++; continue; }
      asked.push({
        index, prompt: judged.prompt, answers: judged.kind === 'preference' ? [judged.chosen, judged.rejected] : [judged.completion], rating: judged.kind === 'preference' ? ratingOf(judged) : null,
        row: { completions: encoded.answers.map(({ ids, prompt }) => ({ ids, prompt })), columns: {}, truncated: false, separate: encoded.separate, source: index },
      });
    } catch (e) {
      if (!(e instanceof AnnealError) || e.code !== 'row-invalid') throw e;
      first ??= e;
      leftOut++;
    }
  }
  if (asked.length === 0) throw first ?? new AnnealError('dataset-empty', leftOut === 0 ? 'The dataset has no rows to score.' : `All ${leftOut} rows are longer than ${encoder.maxLength} tokens, which is as much as the reward model reads.`);
  return { asked, leftOut };
}

type Judged = Extract<CanonicalRow, { kind: 'preference' | 'unpaired-preference' }>;
/** A row without a judgement becomes one answer. */
function asJudged(row: CanonicalRow): Judged {
  switch (row.kind) {
    case 'preference': case 'unpaired-preference': return row;
    case 'prompt-completion': return { kind: 'unpaired-preference', prompt: row.prompt, completion: row.completion, label: true };
    case 'text': return { kind: 'unpaired-preference', prompt: '', completion: row.text, label: true };
    case 'messages': {
      const last = row.messages.at(-1);
      if (last?.role !== 'assistant') throw new AnnealError('row-invalid', 'The conversation does not end with an answer of the assistant, so there is nothing to score.');
      return { kind: 'unpaired-preference', prompt: row.messages.slice(0, -1), completion: [last], label: true };
    }
  }
}

/** How much better people found the chosen answer: the margin, or the difference of two ratings (UltraFeedback's columns). */
function ratingOf({ margin, meta }: Extract<CanonicalRow, { kind: 'preference' }>): number | null {
  if (margin !== undefined) return margin;
  for (const [a, b] of [['score_chosen', 'score_rejected'], ['chosen_score', 'rejected_score'], ['chosen_rating', 'rejected_rating']] as const) {
    const [x, y] = [Number(meta?.[a] ?? Number.NaN), Number(meta?.[b] ?? Number.NaN)];
    if (Number.isFinite(x) && Number.isFinite(y)) return x - y;
  }
  return null;
}

const plain = (side: Side): string => (typeof side === 'string' ? side : side.length === 1 ? (side[0]?.content ?? '') : side.map((m) => `${m.role}: ${m.content ?? ''}`).join('\n'));
