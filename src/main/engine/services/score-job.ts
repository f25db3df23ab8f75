/** Scores the rows of a dataset with a reward model, or with a language model that is asked about each answer: pairs, labelled answers, prompts with completions, conversations (the last turn is the answer) or texts. */
import type { CanonicalRow, Message } from '../../../shared/formats.ts';
import { AnswerEncoder } from '../../data/encode/answers.ts';
import type { JudgeQuestion, ScoredRow } from '../../../shared/schema/reward.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { ModelRef } from '../protocol.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { parseModel } from '../models/index.ts';
import { RewardScorer } from '../train/score.ts';
import { opened } from './encode-job.ts';
import { EventQueue } from './event-queue.ts';
import { inspectAdapter } from './inspect-adapter.ts';
import { AnswerJudge, judgeScores } from './judge-answers.ts';
import { openModelText, type ModelText } from './model-text.ts';

export interface ScoreRequest { model: ModelRef; judge: JudgeQuestion | null; four_bit: LoraAdapter['bnb_4bit_quant_type'] | null; dataset_dir: string; rows: number | null; max_length: number | null; batch: number; threads: number }
export interface ScoreItem { progress: number; rows: ScoredRow[]; left_out: number; done: boolean }

/** Rows in one message. */
const SLICE = 200;
type Side = string | readonly Message[];
interface Asked { index: number; prompt: Side; answers: Side[]; rating: number | null }

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
  const { model, judge } = request, text = await openModelText(model);
  const { asked, leftOut } = judge === null ? await byHead(request, text, signal, tell) : await byJudge(request, judge, text, signal, tell);
  const count = (side: Side): number => text.tokenizer.encode(plain(side), { addSpecial: false }).length;
  const rows = asked.map((a): ScoredRow => ({
    index: a.index, prompt: plain(a.prompt), rating: a.rating,
    answers: a.answers.map((answer, i) => ({ text: plain(answer), tokens: a.tokens[i]!, answer_tokens: count(answer), score: a.scores[i]! })),
  }));
  const broken = rows.find((r) => r.answers.some((x) => !Number.isFinite(x.score)));
  if (broken) throw new AnnealError('loss-not-finite', `The reward model gives row ${broken.index + 1} no finite score; its weights are not usable.`);
  return { rows, leftOut };
}

interface Scored extends Asked { tokens: number[]; scores: number[] }

function adapterOf({ model: { checkpoint }, four_bit }: ScoreRequest): LoraAdapter | null {
  if (checkpoint?.kind !== 'adapter') return null;
  return { ...inspectAdapter(checkpoint.folder, null).adapter, ...(four_bit === null ? {} : { load_in_4bit: true, bnb_4bit_quant_type: four_bit }) };
}

/** The scalar head at the end of prompt and answer. */
async function byHead(request: ScoreRequest, text: ModelText, signal: AbortSignal, tell: (progress: number) => void): Promise<{ asked: Scored[]; leftOut: number }> {
  const { model, threads, batch } = request;
  const scorer = new RewardScorer({ modelFolder: model.folder, start: model.checkpoint, adapter: adapterOf(request), batch, threads, signal });
  try {
    const maxLength = Math.min(request.max_length ?? scorer.context, scorer.context);
    const encoder = new AnswerEncoder(text.tokenizer, text.template, { max_length: maxLength, reward: true });
    const { asked, leftOut } = await readRows(request, maxLength, (judged, index) => {
      const encoded = encoder.encode(judged);
      return encoded.tooLong ? null : { completions: encoded.answers.map(({ ids, prompt }) => ({ ids, prompt })), columns: {}, truncated: false, separate: encoded.separate, source: index };
    }, signal);
    const groups = Map.groupBy(asked, (a) => a.read.completions.length), scores = new Map<Asked, number[]>();
    let before = 0;
    for (const group of groups.values()) {
      const found = await scorer.score(group.map((a) => a.read), (done) => { tell((before + done) / asked.length); });
      group.forEach((a, i) => scores.set(a, found[i]!));
      before += group.length;
    }
    return { asked: asked.map((a) => ({ ...a, tokens: a.read.completions.map((c) => c.ids.length), scores: scores.get(a)! })), leftOut };
  } finally { await scorer.dispose(); }
}

/** A language model is asked about each answer. */
async function byJudge(request: ScoreRequest, question: JudgeQuestion, text: ModelText, signal: AbortSignal, tell: (progress: number) => void): Promise<{ asked: Scored[]; leftOut: number }> {
  const { model, threads, batch } = request, judge = new AnswerJudge(text, question), context = contextOf(model), maxLength = Math.min(request.max_length ?? context, context);
  const { asked, leftOut } = await readRows(request, maxLength, (judged, index) => {
    const rows = answersOf(judged).map((answer) => judge.row(plain(judged.prompt), plain(answer), index));
    return rows.every((row) => row.completions.every((c) => c.ids.length <= maxLength)) ? rows : null;
  }, signal);
  const rows = asked.flatMap((a) => a.read);
  const scores = await judgeScores({ model, adapter: adapterOf(request), rows, maxLength, batch, threads, signal, onBatch: (done) => { tell(done / rows.length); } });
  let at = 0;
  return { asked: asked.map((a) => ({ ...a, tokens: a.read.map((row) => row.completions[0]!.prompt), scores: a.read.map(() => scores[at++]!) })), leftOut };
}

/** Every row as `read` makes it; what it finds too long (null) or cannot read is left out. */
async function readRows<T>({ dataset_dir, rows }: ScoreRequest, maxLength: number, read: (row: Judged, index: number) => T | null, signal: AbortSignal): Promise<{ asked: (Asked & { read: T })[]; leftOut: number }> {
  await using held = await opened(dataset_dir);
  const asked: (Asked & { read: T })[] = [];
  let leftOut = 0, index = -1, first: AnnealError | undefined;
  for await (const row of rows === null ? held.dataset : await held.dataset.rows(0, rows)) {
    index++;
    signal.throwIfAborted();
    try {
      const judged = asJudged(row), made = read(judged, index);
      if (made === null) { leftOut++; continue; }
      asked.push({ index, prompt: judged.prompt, answers: answersOf(judged), rating: judged.kind === 'preference' ? ratingOf(judged) : null, read: made });
    } catch (e) {
      if (!(e instanceof AnnealError) || e.code !== 'row-invalid') throw e;
      first ??= e;
      leftOut++;
    }
  }
  if (asked.length === 0) throw first ?? new AnnealError('dataset-empty', leftOut === 0 ? 'The dataset has no rows to score.' : `All ${leftOut} rows are longer than ${maxLength} tokens, which is as much as the reward model reads.`);
  return { asked, leftOut };
}

const answersOf = (row: Judged): Side[] => (row.kind === 'preference' ? [row.chosen, row.rejected] : [row.completion]);
const contextOf = ({ folder, checkpoint }: ModelRef): number => parseModel(openModelFolder(checkpoint?.kind === 'full' ? checkpoint.folder : folder).config).config.maxPositions;

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
