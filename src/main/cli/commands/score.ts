/** anneal score */
import { rewardReport } from '../../eval/reward/report.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Checkpoint, Model } from '../../../shared/schema/entities.ts';
import { judgeQuestion, type JudgeQuestion, type ScoredRow, type Share } from '../../../shared/schema/reward.ts';
import type { Command, Invocation } from '../command.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

export const score: Command = {
  name: 'score', takes: '', positionals: [0, 0], summary: 'Scores the answers of a dataset with a reward model, or with a language model that is asked.',
  details: 'A score of --judge is ln P(yes) - ln P(no) of how the model would begin its reply to a question about the answer. Pairs give a report card as well: accuracy with its 95 % interval, length bias, and whether a policy may be trained against the model.',
  options: {
    model: { type: 'string', short: 'm', value: 'model', help: 'reward model (id, name, folder) or checkpoint of a reward run (run-name@step, run-name) (required)' },
    data: { type: 'string', short: 'd', value: 'data', help: 'dataset (id, name) or file (required)' },
    rows: { type: 'string', value: 'n', help: 'only the first n rows' },
    judge: { type: 'boolean', help: 'the model is a language model: ask it about each answer' },
    question: { type: 'string', value: 'text', help: 'what it is asked, with {prompt} and {answer}; default: whether it is a good answer' },
    yes: { type: 'string', value: 'word', help: 'the reply that is good; default Yes' },
    no: { type: 'string', value: 'word', help: 'the reply that is bad; default No' },
    json: { type: 'boolean', help: 'print one JSON object a row, then, for pairs, one with the report' },
  },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const [modelRef, dataRef] = ['model', 'data'].map((name) => { const v = call.text(name); if (v === undefined || v === '') throw new AnnealError('bad-request', `score needs --${name}: see score --help.`); return v; }) as [string, string];
    const { resolver, embedded, store } = host.context;
    await embedded.ready;
    const { model, checkpoint } = await target(modelRef, { checkpoint: (r) => resolver.checkpoint(r), model: (r) => resolver.model(r), modelOf: (id) => store.models.get(id) });
    const dataset = await resolver.dataset(dataRef), json = call.flag('json'), rows: ScoredRow[] = [];
    let leftOut = 0, told = 0;
    for await (const item of api.rewards.score({ model_id: model.id, checkpoint_id: checkpoint?.id ?? null, dataset_id: dataset.id, rows: call.number('rows') ?? null, judge: judgeOf(call) })) {
      rows.push(...item.rows);
      leftOut = item.left_out;
      if (call.io.tty && item.progress - told > 0.05) { told = item.progress; call.io.err(`\rscoring ${Math.round(told * 100)} %`); }
    }
    if (call.io.tty) call.io.err('\r');
    const pairs = rows.some((r) => r.answers.length === 2), report = pairs ? rewardReport(rows, leftOut) : null;
    if (json) {
      for (const row of rows) call.io.out(`${JSON.stringify(row)}\n`);
      if (report) call.io.out(`${JSON.stringify({ report })}\n`);
      return 0;
    }
    const short = (t: string): string => { const line = t.replaceAll(/\s+/g, ' '); return line.length > 40 ? `${line.slice(0, 39)}…` : line; };
    call.io.out(`${table(pairs ? ['row', 'chosen', 'rejected', 'margin', 'chosen answer'] : ['row', 'score', 'answer'], rows.map((r) => { const s = r.answers.map((a) => a.score); return [String(r.index + 1), ...s.map((x) => x.toFixed(4)), ...(pairs ? [(s[0]! - (s[1] ?? 0)).toFixed(4)] : []), short(r.answers[0]!.text)]; }), pairs ? [0, 1, 2, 3] : [0, 1])}\n`);
    if (leftOut > 0) call.io.err(`${leftOut} rows are too long for the model or cannot be used, and were left out.\n`);
    if (report) {
      const said = (s: Share): string => `${(s.value * 100).toFixed(1)} % (${(s.low * 100).toFixed(1)} to ${(s.high * 100).toFixed(1)}), ${s.k} of ${s.n}`;
      call.io.out(`\naccuracy         ${said(report.accuracy)}\n${report.length.matched === null ? '' : `at equal length  ${said(report.length.matched)}\n`}calibration      expected error ${report.calibration.ece.toFixed(3)}\nlength           rank correlation of score ${report.length.score_spearman?.toFixed(2) ?? 'none'}, of margin ${report.length.margin_spearman?.toFixed(2) ?? 'none'}\n`);
      call.io.out(report.gate.verdict === 'pass' ? 'A policy may be trained against it.\n' : `A policy should not be trained against it. ${report.gate.reasons.map((r) => r.text).join(' ')}\n`);
    }
    return 0;
  }),
};

/** Null: a reward model is asked for its score. */
function judgeOf(call: Invocation): JudgeQuestion | null {
  const given = Object.fromEntries((['question', 'yes', 'no'] as const).flatMap((name) => { const v = call.text(name); return v === undefined ? [] : [[name, v]]; }));
  if (!call.flag('judge')) {
    const [name] = Object.keys(given);
    if (name !== undefined) throw new AnnealError('bad-request', `--${name} goes with --judge only.`);
    return null;
  }
  const parsed = judgeQuestion.safeParse(given);
  if (!parsed.success) throw new AnnealError('bad-request', parsed.error.issues[0]?.message ?? 'The question is not usable.');
  return parsed.data;
}

interface Find { checkpoint(ref: string): Checkpoint; model(ref: string): Promise<Model>; modelOf(id: string): Model }
/** A checkpoint by id or name, else a model. */
async function target(ref: string, find: Find): Promise<{ model: Model; checkpoint: Checkpoint | null }> {
  let checkpoint: Checkpoint | null = null;
  try { checkpoint = find.checkpoint(ref); } catch (e) { if (!(e instanceof AnnealError) || e.code !== 'not-found') throw e; }
  return checkpoint === null ? { model: await find.model(ref), checkpoint } : { model: find.modelOf(checkpoint.model_id), checkpoint };
}
