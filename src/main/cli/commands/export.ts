/** anneal export */
import { basename } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { EXPORT_FORMATS, EXPORT_FORMAT_IDS, exportFormatOf, exportTypeOf } from '../../../shared/export-formats.ts';
import type { ExportFormatId, ExportType } from '../../../shared/export-formats.ts';
import type { Checkpoint, Model } from '../../../shared/schema/entities.ts';
import type { ExportPlan, ExportProof, ExportRecord } from '../../../shared/schema/export.ts';
import { nearestName } from '../../../shared/schema/recipe-issues.ts';
import { formatBytes, formatValue } from '../../../shared/units.ts';
import type { Host } from '../../host/host.ts';
import type { Command, Invocation } from '../command.ts';
import { progress } from '../progress.ts';
import { withHost } from '../session.ts';
import { table } from '../table.ts';

const PHASE: Record<ExportRecord['phase'], string> = { plan: 'reading', write: 'writing', prove: 'comparing with the checkpoint', finish: 'finishing' };
const UNITS: Record<string, number> = { '': 1, kb: 1e3, mb: 1e6, gb: 1e9 };

export const exportCommand: Command = {
  name: 'export', takes: '<model | run[@step]>', positionals: [1, 1], summary: 'Writes a model or a checkpoint for other tools, and proves that it answers the same.',
  details: `Formats and their types (the first is the default):\n${EXPORT_FORMATS.map((f) => `  ${f.id.padEnd(8)}${f.label}: ${[f.default, ...f.types.filter((t) => t !== f.default)].join(', ')}`).join('\n')}\nThe status is 1 when a lossless format fails its proof.`,
  options: {
    format: { type: 'string', short: 'f', value: 'format', help: `${EXPORT_FORMAT_IDS.join(', ')} (required)` },
    out: { type: 'string', short: 'o', value: 'folder', help: 'a folder that does not exist yet, or is empty (required, but with --plan)' },
    type: { type: 'string', short: 't', value: 'type', help: 'how weights are stored, such as F16 or Q8_0' },
    'max-shard-size': { type: 'string', value: 'size', help: 'hf: largest weight file, such as 2GB; default 5GB' },
    system: { type: 'string', value: 'text', help: 'ollama: the SYSTEM line' },
    plan: { type: 'boolean', help: 'say what it needs, write nothing' },
    json: { type: 'boolean', help: 'print one JSON object' },
    quiet: { type: 'boolean', help: 'no progress' },
  },
  run: (call) => withHost(call.home, async ({ host, api }) => {
    const format = formatOf(call), type = typeOf(call, format), out = call.text('out'), planOnly = call.flag('plan'), shard = shardBytes(call), system = call.text('system');
    if (out === undefined && !planOnly) throw new AnnealError('bad-request', 'export needs --out <folder>, or --plan to write nothing: see export --help.');
    await host.context.embedded.ready;
    const { model, checkpoint } = await whatToExport(host, call.positionals[0] ?? '');
    const choice = { model_id: model.id, checkpoint_id: checkpoint?.id ?? null, format, ...(type === undefined ? {} : { type }), ...(shard === undefined ? {} : { max_shard_bytes: shard }), ...(system === undefined ? {} : { system }) };
    if (planOnly) {
      const plan = await api.exports.plan({ ...choice, ...(out === undefined ? {} : { out }) });
      call.io.out(call.flag('json') ? `${JSON.stringify(plan)}\n` : `${planText(plan)}\n`);
      return plan.fits ? 0 : 1;
    }
    const record = await follow(call, host, await api.exports.start({ ...choice, out: out ?? '' }));
    if (record.status !== 'done') throw record.error ? AnnealError.from(record.error) : new AnnealError('cancelled', 'The export was cancelled; nothing was left.');
    call.io.out(call.flag('json') ? `${JSON.stringify(record)}\n` : `${recordText(record)}\n`);
    return record.proof?.passed === false ? 1 : 0;
  }),
};

async function follow(call: Invocation, { context: { store, exports: jobs } }: Host, { id }: ExportRecord): Promise<ExportRecord> {
  const bar = progress(call.io, 'export'), stop = (): void => { void jobs.cancel(id); };
  process.once('SIGINT', stop);
  try {
    return await new Promise<ExportRecord>((resolve) => {
      const look = (): void => {
        const r = store.exports.get(id);
        // Writing takes the first half of the bar, the proof the second: what each really takes depends on the model.
        const share = r.phase === 'plan' ? 0 : r.phase === 'write' ? r.progress / 2 : r.phase === 'prove' ? 0.5 + r.progress / 2 : 1;
        if (!call.flag('quiet')) bar.update(share, [PHASE[r.phase], ...(r.phase === 'write' ? [`${formatBytes(r.bytes_done)} of ${formatBytes(r.bytes)}`] : [])], r.seconds_left);
        if (r.status !== 'running') { off(); bar.end(); resolve(r); }
      };
      const off = store.onChange((c) => { if (c.topic === 'export' && c.id === id) look(); });
      look();
    });
  } finally { process.off('SIGINT', stop); }
}

/** A known model; else a run's checkpoint; else a folder. */
async function whatToExport({ context: { store, resolver, models } }: Host, ref: string): Promise<{ model: Model; checkpoint: Checkpoint | null }> {
  const known = store.models.find(ref) ?? store.models.list().findLast((m) => m.name === ref);
  if (known) return { model: known, checkpoint: null };
  try {
    const checkpoint = resolver.checkpoint(ref);
    return { model: store.models.get(checkpoint.model_id), checkpoint };
  } catch (e) {
    if (!(e instanceof AnnealError) || e.code !== 'not-found') throw e;
    if (await models.exists(ref)) return { model: await resolver.model(ref), checkpoint: null };
    const run = store.runs.list().find((r) => r.name === ref.split('@')[0] || r.id === ref.split('@')[0]);
    if (run) throw new AnnealError('not-found', `The run "${run.name}" has no ${ref.includes('@') ? 'such ' : ''}checkpoint: ${store.checkpoints.of(run.id).map((c) => `${run.name}@${c.step}`).join(', ') || 'it saved none'}.`, {}, { cause: e });
    const nearest = nearestName(ref, [...store.models.list().map((m) => m.name), ...store.checkpoints.list().map((c) => `${c.run_name}@${c.step}`)]);
    throw new AnnealError('not-found', `There is no model and no run "${basename(ref)}": give a model's name, run-name@step or a folder.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`, {}, { cause: e });
  }
}

function formatOf(call: Invocation): ExportFormatId {
  const given = call.text('format') ?? '', found = EXPORT_FORMAT_IDS.find((f) => f === given.toLowerCase());
  if (found) return found;
  const nearest = nearestName(given, EXPORT_FORMAT_IDS);
  throw new AnnealError('bad-request', given === '' ? `export needs --format: ${EXPORT_FORMAT_IDS.join(', ')}.` : `There is no export format "${given}": choose ${EXPORT_FORMAT_IDS.join(', ')}.${nearest === undefined ? '' : ` Did you mean ${nearest}?`}`);
}

function typeOf(call: Invocation, format: ExportFormatId): ExportType | undefined {
  const given = call.text('type');
  if (given === undefined) return undefined;
  const type = exportTypeOf(given), { types, label } = exportFormatOf(format);
  if (type === undefined || !types.includes(type)) throw new AnnealError('bad-request', `${label} cannot hold "${given}": choose ${types.join(', ')}.`);
  return type;
}

function shardBytes(call: Invocation): number | undefined {
  const given = call.text('max-shard-size');
  if (given === undefined) return undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*(kb|mb|gb|)$/i.exec(given) ?? [], bytes = Math.round(Number(number) * (UNITS[(unit ?? '').toLowerCase()] ?? Number.NaN));
  if (!(bytes >= 1e6)) throw new AnnealError('bad-request', `--max-shard-size wants a size of at least 1MB, such as 2GB, not "${given}".`);
  return bytes;
}

function planText({ files, bytes, memory, free, fits, lossless, type, notes }: ExportPlan): string {
  return [
    table(['file', 'bytes'], files.map((f) => [f.name, String(f.bytes)]), [1]), '',
    `${formatBytes(bytes)} in all${free === null ? '' : `, ${formatBytes(free)} free: ${fits ? 'it fits' : 'it does not fit'}`}. ${type}: ${lossless ? 'every weight is kept exactly' : 'weights are rounded'}.`,
    `Memory, estimated: ${formatBytes(memory.write)} while writing, ${formatBytes(memory.prove)} for the proof; ${formatBytes(memory.available)} available.`, ...notes,
  ].join('\n');
}

function recordText({ path, files, proof, notes, peak_rss: peak }: ExportRecord): string {
  return [
    `${path}: ${files.length} files, ${formatBytes(files.reduce((n, f) => n + f.bytes, 0))}${peak === null ? '' : `; peak memory ${formatBytes(peak.write)} while writing, ${formatBytes(peak.total)} in all`}.`,
    ...(proof === null ? [] : [proofText(proof)]), ...notes,
  ].join('\n');
}

function proofText(p: ExportProof): string {
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const verdict = p.passed === null ? 'Rounded weights' : p.passed ? 'Proof holds' : `PROOF FAILED (tolerance ${formatValue(p.tolerance ?? 0)})`;
  return `${verdict}: read back and asked ${p.prompts} prompts; largest difference of a logit ${formatValue(p.max_abs_diff)} (largest logit ${formatValue(p.max_abs_logit)}), mean KL ${formatValue(p.mean_kl)} nats, same greedy text ${percent(p.same_text)}, ${percent(p.same_tokens)} of ${p.tokens} tokens before the first difference.`;
}
