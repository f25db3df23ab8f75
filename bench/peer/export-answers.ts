/** What a checkpoint answers in the app, for comparing exported files with it in other tools: token ids of the proof's prompts, logits after each, greedy text, and perplexity of a text.
 * Run: node bench/peer/export-answers.ts <model folder> <checkpoint folder or -> <text file> <new folder> */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { logitsOfAll } from './logits-of-all.ts';
import { modelAnswerer } from '../../src/main/engine/export/proof/answerer.ts';
import { probePrompts } from '../../src/main/engine/export/proof/probe-prompts.ts';
import { openExportSource } from '../../src/main/engine/export/source.ts';

const GREEDY_PROMPTS = 20;
const GREEDY_TOKENS = 24;
/** Tokens of a window, and windows, of the perplexity. */
const WINDOW = 256;
const WINDOWS = 4;

const [folder, checkpoint, textFile, out] = process.argv.slice(2) as [string, string, string, string];
const source = await openExportSource({ folder, checkpoint: checkpoint === '-' ? null : { folder: checkpoint, kind: 'adapter' }, chat_template: null });
const { tokenizer, model: { config } } = source, signal = new AbortController().signal, answerer = modelAnswerer(source, 2);
const probes = await probePrompts(tokenizer, source.template, null, config), prompts = probes.map((p) => p.ids);
const rows = await answerer.logits(prompts, signal);
let at = 0;
const last = prompts.map((p) => { at += Math.min(4, p.length); return rows[at - 1] as Float32Array; });
const greedy = await answerer.greedy(prompts.slice(0, GREEDY_PROMPTS), GREEDY_TOKENS, [], signal);
await answerer.dispose();

const text = readFileSync(textFile, 'utf8'), all = tokenizer.encode(text, { addSpecial: false }), windows = Array.from({ length: WINDOWS }, (_, k) => all.slice(k * WINDOW, (k + 1) * WINDOW)).filter((w) => w.length === WINDOW);
let loss = 0, count = 0;
for (const window of windows) {
  const logits = await logitsOfAll(source, window, 2);
  for (let i = 1; i < window.length; i++) {
    const row = logits.subarray((i - 1) * config.vocabSize, i * config.vocabSize), max = row.reduce((a, b) => Math.max(a, b), -Infinity);
    loss -= (row[window[i] as number] as number) - max - Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0));
    count++;
  }
}
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'logits.f32'), Buffer.concat(last.map((r) => Buffer.from(r.buffer, r.byteOffset, r.byteLength))));
writeFileSync(join(out, 'answers.json'), JSON.stringify({ vocabulary: config.vocabSize, prompts: probes.map((p, i) => ({ text: p.text, ids: p.ids, greedy: greedy[i] ?? null })), windows, perplexity: Math.exp(loss / Math.max(1, count)), scored: count }));
process.stdout.write(`${prompts.length} prompts, perplexity ${Math.exp(loss / Math.max(1, count)).toFixed(4)} over ${count} tokens\n`);
