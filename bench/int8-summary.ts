/**
 * Records curves, errors and step times of int8 compute: appends them to bench/results/int8.jsonl, and writes what the review card and `compute: auto` read (src/shared/int8-proof.json) from all curves given, and from the step times (the least counts).
 *   node bench/int8-summary.ts <model name>=<parameters> <kind: curve | errors | step>:<file> ...
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { INT8_FASTER, INT8_LIMIT, INT8_PROOFS, type Int8Proof } from '../src/shared/int8-proof.ts';
import { record, type Figure } from './figure.ts';
import type { CurveReport } from './int8-curve.ts';
import type { ErrorReport } from './int8-errors.ts';
import { speedup, type Int8StepReport } from './int8-step.ts';

const [model, ...files] = process.argv.slice(2);
if (model === undefined || files.length === 0) throw new Error('node bench/int8-summary.ts <model name>=<parameters> <curve | errors | step>:<file> ...');
const [name, parameters] = [model.slice(0, model.lastIndexOf('=')), Number(model.slice(model.lastIndexOf('=') + 1))];
const figures: Figure[] = [];
const speeds = new Map<string, number>();
const found = new Map<string, { steps: number; excess: number[] }>();
for (const file of files) {
  const [kind, path] = [file.slice(0, file.indexOf(':')), file.slice(file.indexOf(':') + 1)];
  const text = readFileSync(path, 'utf8');
  if (kind === 'errors') {
    const r = JSON.parse(text) as ErrorReport;
    for (const list of ['forward', 'backward', 'forwardPlain', 'backwardPlain', 'backwardFolded'] as const) figures.push({ name: `${name}: relative error of a product, ${list}, median`, value: r[list].median, unit: '', detail: { largest: r[list].largest, worst: r[list].worst } });
    for (const part of ['layers', 'layersAndHead'] as const) figures.push({ name: `${name}: cosine of the adapter gradient to fp32, ${part}`, value: r[part].cosine, unit: '', detail: { relative: r[part].relative, loss_difference: r[part].loss, loss: r.loss } });
    continue;
  }
  if (kind === 'step') {
    const r = JSON.parse(text) as Int8StepReport, times = speedup(r);
    figures.push({ name: `${name}: ${r.method}, step of ${r.length} slots, fp32 over int8, median of pairs`, value: times, unit: 'x', target: { at: 'least', value: INT8_FASTER }, detail: { fp32_ms: r.fp32, int8_ms: r.int8 } });
    figures.push({ name: `${name}: ${r.method}, ${r.length} slots, prepared in int8 with copies made`, value: r.setup.made.prepareMs / 1000, unit: 's', detail: { copies_found: r.setup.found.prepareMs / 1000, fp32: r.setup.fp32.prepareMs / 1000 } });
    speeds.set(r.method, Math.min(speeds.get(r.method) ?? Infinity, times));
    continue;
  }
  const { fp32, int8, start, settings } = JSON.parse(text) as CurveReport;
  const excess = int8.heldOut['eval_loss']! / fp32.heldOut['eval_loss']! - 1;
  figures.push({
    name: `${name}: ${settings['method']} seed ${settings['seed']}, held-out loss of int8 over fp32, both scored in fp32`, value: excess, unit: '', target: { at: 'most', value: INT8_LIMIT },
    detail: { ...settings, start: start['eval_loss']!, fp32: fp32.heldOut['eval_loss']!, int8: int8.heldOut['eval_loss']!, int8_scored_in_int8: int8.own['eval_loss']!, losses_fp32: fp32.losses, losses_int8: int8.losses },
  });
  const entry = found.get(String(settings['method'])) ?? { steps: Number(settings['steps']), excess: [] };
  entry.excess.push(Math.abs(excess));
  found.set(String(settings['method']), entry);
}
record('int8', figures);
const date = new Date().toISOString().slice(0, 10);
const before = (method: string): Int8Proof | undefined => INT8_PROOFS.find((p) => p.model === name && p.method === method);
const rounded = (x: number): number => Number(x.toPrecision(3));
const own = [...found].map(([method, { steps, excess }]): Int8Proof => ({ ...before(method), model: name, parameters, method, steps, seeds: excess.length, excess: rounded(Math.max(...excess)), date }));
const proofs = [...INT8_PROOFS.filter((p) => !own.some((q) => q.model === p.model && q.method === p.method)), ...own].map((p) => (p.model === name && speeds.has(p.method) ? { ...p, speedup: rounded(speeds.get(p.method)!) } : p));
writeFileSync(join(import.meta.dirname, '../src/shared/int8-proof.json'), `[\n${proofs.map((p) => `  ${JSON.stringify(p)}`).join(',\n')}\n]\n`);
