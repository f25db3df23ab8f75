/** What a model folder or a GGUF file holds, before it is imported: config, tensors (names, shapes, types), tokenizer, template, licence. Reads headers and hashes weights; loads nothing. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chooseTemplate } from '../../data/templates/builtin.ts';
import { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import { errorShape } from '../../../shared/errors.ts';
import type { ModelPreview } from '../../../shared/schema/data.ts';
import { describeGguf } from '../io/gguf/describe-gguf.ts';
import { importedBytes } from '../io/gguf/import-gguf.ts';
import { openModelFolder } from '../io/model-folder.ts';
import type { TensorTable } from '../io/model-weights.ts';
import type { TensorEntry } from '../io/safetensors-header.ts';
import { hashOfFiles, weightHash, type WeightHash } from '../io/weight-hash.ts';
import { parseModel } from '../models/index.ts';
import { checkOneLabel, isClassifier, paddingId } from '../models/reward-config.ts';
import { asClassifier } from '../models/sequence-classifier.ts';
import { checkParameters, parameterCount } from '../models/parameters.ts';

const EXAMPLE = [{ role: 'user', content: 'Where is the mill?' }, { role: 'assistant', content: 'By the river.' }];

/** `license:` of a model card's front matter, as written. */
function licenseOf(folder: string): string | null {
  const card = join(folder, 'README.md');
  if (!existsSync(card)) return null;
  const front = /^---\n([\s\S]*?)\n---/.exec(readFileSync(card, 'utf8').slice(0, 20_000))?.[1];
  return /^license:\s*["']?([^"'\n]+?)["']?\s*$/m.exec(front ?? '')?.[1] ?? null;
}

/** What a folder and a file are looked at for. `dtypeOf`: the name of a tensor's type for people. */
interface Source { path: string; config: Record<string, unknown>; tensors: TensorTable; tokenizer: Tokenizer; weights: () => WeightHash; dtypeOf: (t: TensorEntry) => string; shards: number; license: string | null; warnings: string[]; writes?: number }

/** Throws with the code of what is wrong: config, family, shards, tensors, tokenizer. A missing or failing chat template is only a warning. */
export async function inspectModel(given: string): Promise<ModelPreview> {
  const path = resolve(given);
  const source = isGguf(path) ? ggufSource(path) : await folderSource(path);
  const reward = isClassifier(source.config, source.tensors);
  if (reward) checkOneLabel(source.config, source.tensors);
  const parsed = reward ? asClassifier(parseModel(source.config)) : parseModel(source.config);
  const bound = checkParameters(parsed, source.tensors);
  const { config: c, family } = parsed, { tokenizer } = source;
  const warnings = [...source.warnings];
  if (tokenizer.size > c.vocabSize) warnings.push(`The tokenizer knows ${tokenizer.size} tokens, the model only ${c.vocabSize}; text with the others cannot be used.`);
  if (reward) warnings.push(...rewardNotes(source.config));
  let template: string | null = null, preview: string | null = null;
  try {
    const chosen = chooseTemplate(tokenizer);
    template = chosen?.source ?? null;
    preview = chosen?.render(EXAMPLE) ?? null;
  } catch (e) { warnings.push(errorShape(e).message); }
  if (template === null) warnings.push('The tokenizer has no chat template: conversations need one (chatml can be chosen in the recipe); plain text and prompt-completion data work as they are.');
  const { hash, bytes } = source.weights();
  return {
    path, family: family.id, supported: true, parameters: parameterCount(family.parameters(c)), dtype: [...new Set([...bound.values()].map(source.dtypeOf))].join(', '),
    context: c.maxPositions, vocab_size: c.vocabSize, layers: c.layers, hidden_size: c.hiddenSize, heads: c.heads, kv_heads: c.kvHeads, tied: c.tieEmbeddings,
    bytes, shards: source.shards, weight_hash: hash, license: source.license, template, template_preview: preview, sampling: tokenizer.sampling, warnings, ...(reward ? { kind: 'reward' as const } : {}), ...(source.writes === undefined ? {} : { import_writes: source.writes }),
  };
}

/** Which token the score is read at. */
function rewardNotes(config: Record<string, unknown>): string[] {
  const pad = paddingId(config);
  if (pad === null) return ['This is a reward model; its config.json names no padding token, so the score is read at the last token.'];
  const ends = [config['eos_token_id']].flat();
  return [ends.includes(pad) ? 'This is a reward model whose padding token is its end token: an end token at the end is skipped, and the score is read at the token before it, as transformers does.' : 'This is a reward model: the score is read at the last token that is not padding.'];
}

const isGguf = (path: string): boolean => path.toLowerCase().endsWith('.gguf') && existsSync(path) && statSync(path).isFile();
const NAMES: Record<string, string> = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' };

async function folderSource(path: string): Promise<Source> {
  const { config, tensors } = openModelFolder(path);
  const tokenizer = await Tokenizer.load(path);
  return { path, config, tensors, tokenizer, weights: () => weightHash(path), dtypeOf: (t) => NAMES[t.dtype] ?? t.dtype, shards: new Set([...tensors.values()].map((t) => t.path)).size, license: licenseOf(path), warnings: [] };
}

function ggufSource(path: string): Source {
  const model = describeGguf(path);
  const kinds = new Map(model.parameters.map((p) => [p.name, p.tensor.kind]));
  const tensors = new Map(model.parameters.map((p): [string, TensorEntry] => [p.name, { name: p.name, dtype: p.dtype, shape: p.shape, path, offset: p.tensor.offset, byteLength: p.tensor.byteLength }]));
  const tokenizer = new Tokenizer({ tokenizer: model.tokenizer, config: model.tokenizerConfig, generation: model.generationConfig, template: null }, 'The tokenizer of the GGUF file');
  const label = (t: TensorEntry): string => { const kind = kinds.get(t.name) ?? t.dtype; return NAMES[kind] ?? kind; };
  return { path, config: model.config, tensors, tokenizer, weights: () => hashOfFiles([path]), dtypeOf: label, shards: 1, license: model.license, warnings: model.notes, writes: importedBytes(model) };
}
