/** The model card (README.md) of an export, filled from what the store knows: base, data versions, recipe, metrics, licence, hashes, and the round-trip proof as measured.
 * Front matter: the Hugging Face hub's model card metadata. */
import { stringify } from 'yaml';
import type { ExportFormatId, ExportType } from '../../../shared/export-formats.ts';
import { exportFormatOf } from '../../../shared/export-formats.ts';
import type { ExportFile, ExportProof } from '../../../shared/schema/export.ts';
import { formatBytes, formatCount, formatDuration, formatValue } from '../../../shared/units.ts';
import type { ExportLineage } from '../protocol.ts';

export interface CardFacts { name: string; format: ExportFormatId; type: ExportType; files: readonly ExportFile[]; lineage: ExportLineage; usage: string; notes: readonly string[]; hasTemplate: boolean; proof: ExportProof }

/** The README's size cannot be known before its proof: room for numbers of any length and for the example text. */
export const CARD_SLACK = 4096;
const EXAMPLE_LENGTH = 300;

const LIBRARY: Record<ExportFormatId, string> = { peft: 'peft', hf: 'transformers', gguf: 'gguf', onnx: 'transformers.js', ollama: 'gguf' };

export function modelCard(facts: CardFacts): string {
  const { lineage: { base, run, imported } } = facts;
  const parts = [
    frontMatter(facts), `# ${facts.name}`,
    run === null ? `**${base.name}** (${base.family}, ${formatCount(base.parameters)} parameters), written as ${exportFormatOf(facts.format).label} in ${facts.type}. ${imported === null ? 'Nothing was trained.' : `With an adapter that was imported into Anneal: ${imported}.`}`
      : `**${base.name}** (${base.family}, ${formatCount(base.parameters)} parameters), trained with ${run.method} (${run.adapter}) in the run "${run.name}", at step ${run.step} of ${run.total_steps}. Written as ${exportFormatOf(facts.format).label} in ${facts.type}.`,
    ...(facts.usage === '' ? [] : [facts.usage]),
    origin(facts), ...(run === null ? [] : [training(facts, run)]), proofText(facts.proof), filesTable(facts), ...(facts.notes.length === 0 ? [] : [`## Notes\n\n${facts.notes.map((n) => `- ${n}`).join('\n')}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function frontMatter({ format, type, lineage: { base, run } }: CardFacts): string {
  const known = base.license !== null;
  const tags = ['anneal', 'text-generation', ...(run === null ? [] : [run.method, ...(run.adapter === 'all weights' ? [] : ['lora'])]), ...(format === 'ollama' ? ['gguf', 'ollama'] : format === 'gguf' ? ['gguf'] : format === 'onnx' ? ['onnx'] : [])];
  const quantised = type.startsWith('Q');
  const meta = {
    ...(known ? { license: base.license } : {}), ...(base.hub === null ? {} : { base_model: base.hub, base_model_relation: format === 'peft' ? 'adapter' : quantised ? 'quantized' : 'finetune' }),
    library_name: LIBRARY[format], pipeline_tag: 'text-generation', tags: [...new Set(tags)],
  };
  return `---\n${stringify(meta, { lineWidth: 0 }).trimEnd()}\n---`;
}

function origin({ lineage: { base, datasets, weight_hash: hash, version } }: CardFacts): string {
  const rows = [
    ['Base model', `${base.name}${base.hub === null || base.hub === base.name ? '' : ` (${base.hub})`}, weights \`${base.weight_hash}\``],
    ['Licence of the base', base.license ?? 'not stated in its files: ask whoever published it before you pass this on'],
    ['Weights of this checkpoint', `\`${hash}\``],
    ...datasets.map((d) => [d.role === 'train' ? 'Training data' : 'Held-out data', `${d.name}: ${d.rows} rows (${d.format}), version \`${d.version}\``]),
    ['Made with', `Anneal ${version}`],
  ];
  return `## Where it comes from\n\n| | |\n| --- | --- |\n${rows.map(([a, b]) => `| ${a} | ${cell(b ?? '')} |`).join('\n')}`;
}

function training(_: CardFacts, run: NonNullable<ExportLineage['run']>): string {
  const metrics = Object.entries(run.metrics).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `| \`${name}\` | ${formatValue(value)} |`);
  return [
    `## Training\n\n${run.step} steps, ${formatValue(run.epoch)} passes over the data, ${formatCount(run.tokens)} tokens, ${formatDuration(run.seconds)}.`,
    ...(metrics.length === 0 ? [] : [`Last measured values (names as in TRL):\n\n| metric | value |\n| --- | --- |\n${metrics.join('\n')}`]),
    `Recipe:\n\n\`\`\`yaml\n${run.recipe.trimEnd()}\n\`\`\``,
  ].join('\n\n');
}

function proofText(p: ExportProof): string {
  const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;
  const verdict = p.passed === null ? 'This format does not keep every bit of the weights: the figures say what that costs.'
    : p.passed ? `This format keeps every weight: the largest difference is within the ${formatValue(p.tolerance ?? 0)} that rounding may cause. The proof holds.`
      : `**The proof failed**: this format keeps every weight, so no logit may differ by more than ${formatValue(p.tolerance ?? 0)}, but one does. Do not rely on these files.`;
  const lines = [
    ['Largest difference of a logit', `${formatValue(p.max_abs_diff)} (largest logit ${formatValue(p.max_abs_logit)})`], ['Mean difference', formatValue(p.mean_abs_diff)], ['Mean KL divergence', `${formatValue(p.mean_kl)} nats`],
    ['Same likeliest token', percent(p.same_top)], ['Same greedy text to the end', percent(p.same_text)], ['Greedy tokens before the first difference', `${percent(p.same_tokens)} of ${p.tokens}`],
  ];
  const example = p.example === null ? [] : [`The first text that differs:\n\n${quote('prompt', p.example.prompt)}\n${quote('app', p.example.app)}\n${quote('these files', p.example.exported)}`];
  return [
    `## Round-trip proof\n\nThe files were loaded again by Anneal's own reader and asked ${p.prompts} prompts; logits at ${p.positions} positions and greedy text were compared with the checkpoint in the app (float32). ${verdict}`,
    `| measured | value |\n| --- | --- |\n${lines.map(([a, b]) => `| ${a} | ${b} |`).join('\n')}`, ...example,
  ].join('\n\n');
}
const quote = (who: string, text: string): string => `- ${who}: \`${text.slice(0, EXAMPLE_LENGTH).replaceAll('`', "'").replaceAll(/\s*\n\s*/g, ' / ')}\``;

function filesTable({ files }: CardFacts): string {
  return `## Files\n\n| file | size |\n| --- | --- |\n${files.map((f) => `| \`${f.name}\` | ${formatBytes(f.bytes)} |`).join('\n')}`;
}
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** A proof with the longest figures, to bound the size of the card. */
export const PROOF_BOUND: ExportProof = { reader: 'adapter', prompts: 32, positions: 99_999, max_abs_diff: 1.234e-15, mean_abs_diff: 1.234e-15, max_abs_logit: 99_999.9, mean_kl: 1.234e-15, same_top: 1, same_text: 1, same_tokens: 1, tokens: 99_999, lossless: true, tolerance: 1.234e-15, passed: false, seconds: 1, example: null };
