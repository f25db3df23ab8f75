/** Scores with reward models, and the report cards of reward runs: made when a run completes that has held-out pairs, and when somebody asks. */
import { AnnealError, errorShape } from '../../../shared/errors.ts';
import type { Checkpoint, Dataset, Model, Run } from '../../../shared/schema/entities.ts';
import type { JudgeQuestion, RewardCard, ScoredRow } from '../../../shared/schema/reward.ts';
import { rewardReport } from '../../eval/reward/report.ts';
import type { Store } from '../../store/open.ts';
import type { Engines } from '../engines.ts';
import { newId } from '../ids.ts';
import type { HostLog } from '../log.ts';
import { physicalCores } from '../machine.ts';
import { needRewardModel, refuseRewardModel } from './reward-models.ts';

/** At most this many held-out pairs make a report: an accuracy of 0.7 is then known to 3 points. */
const PAIRS = 1000;
const BATCH = 8;

export interface Scoring { progress: number; rows: ScoredRow[]; left_out: number; done: boolean }
interface Options { store: Store; engines: Engines; log: HostLog; /** `close` waits for the report under way: a command line ends when its work is done. */ patient: boolean }

export class RewardCards {
  readonly #options: Options;
  readonly #tried = new Set<string>();
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  #work: Promise<void> = Promise.resolve();

  constructor(options: Options) {
    this.#options = options;
    this.#unsubscribe = options.store.onChange((change) => { if (change.topic === 'run' && change.record) this.#whenCompleted(change.record); });
  }

  /** Of a run: the last one made; null before. */
  of(runId: string): RewardCard | null {
    const { reward_card: id } = this.#options.store.runs.get(runId);
    return id === undefined ? null : (this.#options.store.rewardCards.find(id) ?? null);
  }

  score(model: Model, checkpoint: Checkpoint | null, dataset: Dataset, { rows, judge = null, maxLength = null, signal }: { rows: number | null; judge?: JudgeQuestion | null; maxLength?: number | null; signal: AbortSignal }): AsyncGenerator<Scoring, void, undefined> {
    const { store, engines } = this.#options;
    if (judge === null) needRewardModel(store, model, checkpoint);
    else refuseRewardModel(store, model, checkpoint, 'as a judge');
    const run = checkpoint === null ? undefined : store.runs.find(checkpoint.run_id), adapter = run?.recipe.adapter;
    const request = {
      model: { folder: model.path, checkpoint: checkpoint === null ? null : { folder: checkpoint.path, kind: checkpoint.kind }, chat_template: run?.recipe.chat_template ?? null, ...(run === undefined ? {} : { template_time: run.created_at }) },
      four_bit: adapter !== undefined && adapter !== 'none' && adapter.load_in_4bit ? adapter.bnb_4bit_quant_type : null, dataset_dir: dataset.dir, rows, max_length: maxLength, judge, batch: BATCH, threads: store.settings.get().threads || physicalCores(),
    };
    return engines.stream('generate', (api) => api.reward.score(request, { signal }));
  }

  /** Scores the held-out pairs with the run's last checkpoint and keeps the report. Items: progress, then the card. */
  async *measure(runId: string, signal: AbortSignal): AsyncGenerator<{ progress: number; card: RewardCard | null }> {
    const { store } = this.#options, run = store.runs.get(runId), started = performance.now();
    if (run.method !== 'reward') throw new AnnealError('bad-request', `The run "${run.name}" trains no reward model, so it has no report card.`);
    const checkpoint = store.checkpoints.latest(runId) ?? null, dataset = run.eval_dataset_id === null ? undefined : store.datasets.find(run.eval_dataset_id);
    if (checkpoint === null) throw new AnnealError('run-state', `The run "${run.name}" has no checkpoint yet; its report card is made of its last one.`);
    if (dataset === undefined) throw new AnnealError('bad-request', `The run "${run.name}" has no held-out pairs, so nothing can be said about its reward model; give the next run data.eval.`);
    const rows: ScoredRow[] = [];
    let leftOut = 0;
    for await (const item of this.score(store.models.get(run.model_id), checkpoint, dataset, { rows: PAIRS, maxLength: run.recipe.train.max_length, signal })) {
      rows.push(...item.rows);
      leftOut = item.left_out;
      yield { progress: item.progress, card: null };
    }
    if (!rows.some((r) => r.answers.length === 2)) throw new AnnealError('bad-request', `The held-out data "${dataset.name}" hold no pairs, so there is no report card.`);
    const card: RewardCard = { id: newId('rwd'), run_id: runId, step: checkpoint.step, dataset_id: dataset.id, dataset_name: dataset.name, created_at: Date.now(), seconds: (performance.now() - started) / 1000, report: rewardReport(rows, leftOut) };
    store.durable(() => {
      const before = store.runs.get(runId).reward_card;
      store.rewardCards.put(card);
      store.runs.change(runId, { reward_card: card.id });
      if (before !== undefined) store.rewardCards.remove(before);
    });
    yield { progress: 1, card };
  }

  #whenCompleted(run: Run): void {
    if (run.method !== 'reward' || run.status !== 'completed' || run.eval_dataset_id === null || run.reward_card !== undefined || this.#tried.has(run.id)) return;
    this.#tried.add(run.id);
    this.#work = this.#work.then(() => this.#make(run.id));
  }

  async #make(id: string): Promise<void> {
    const { store, log } = this.#options;
    if (this.#stop.signal.aborted || !store.runs.find(id)) return;
    try {
      for await (const { card } of this.measure(id, this.#stop.signal)) if (card) store.logs.add(id, 'info', wordsOf(card));
    } catch (e) {
      const { message } = errorShape(e);
      log.warn(`report card of ${id}: ${message}`);
      if (!this.#stop.signal.aborted && store.runs.find(id)) store.logs.add(id, 'warn', `The report card could not be made: ${message}`);
    }
  }

  async close(): Promise<void> {
    this.#unsubscribe();
    if (!this.#options.patient) this.#stop.abort();
    await this.#work;
  }
}

function wordsOf({ report: { accuracy, pairs, gate }, dataset_name }: RewardCard): string {
  const percent = (x: number): string => `${(x * 100).toFixed(1)} %`;
  return `Report card: ${percent(accuracy.value)} of ${pairs} held-out pairs of ${dataset_name} are right (${percent(accuracy.low)} to ${percent(accuracy.high)}). ${gate.verdict === 'pass' ? 'It may be trained against.' : gate.reasons.map((r) => r.text).join(' ')}`;
}
