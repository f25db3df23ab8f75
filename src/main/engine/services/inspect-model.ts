/** What a model folder holds, before it is imported: config, tensors (names, shapes, types), tokenizer, template, licence. Reads headers and hashes weights; loads nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chooseTemplate } from '../../data/templates/builtin.ts';
import { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import { errorShape } from '../../../shared/errors.ts';
import type { ModelPreview } from '../../../shared/schema/data.ts';
import { openModelFolder } from '../io/model-folder.ts';
import { weightHash } from '../io/weight-hash.ts';
import { parseModel } from '../models/index.ts';
import { checkParameters, parameterCount } from '../models/parameters.ts';

const EXAMPLE = [{ role: 'user', content: 'Where is the mill?' }, { role: 'assistant', content: 'By the river.' }];

/** `license:` of a model card's front matter, as written. */
function licenseOf(folder: string): string | null {
  const card = join(folder, 'README.md');
  if (!existsSync(card)) return null;
  const front = /^---\n([\s\S]*?)\n---/.exec(readFileSync(card, 'utf8').slice(0, 20_000))?.[1];
  return /^license:\s*["']?([^"'\n]+?)["']?\s*$/m.exec(front ?? '')?.[1] ?? null;
}

/** Throws with the code of what is wrong: config, family, shards, tensors, tokenizer. A missing or failing chat template is only a warning. */
export async function inspectModel(folder: string): Promise<ModelPreview> {
  const path = resolve(folder);
  const opened = openModelFolder(path);
  const parsed = parseModel(opened.config);
  const bound = checkParameters(parsed, opened.tensors);
  const tokenizer = await Tokenizer.load(path);
  const { config: c, family } = parsed;
  const warnings: string[] = [];
  if (tokenizer.size > c.vocabSize) warnings.push(`The tokenizer knows ${tokenizer.size} tokens, the model only ${c.vocabSize}; text with the others cannot be used.`);
  let template: string | null = null, preview: string | null = null;
  try {
    const chosen = chooseTemplate(tokenizer);
    template = chosen?.source ?? null;
    preview = chosen?.render(EXAMPLE) ?? null;
  } catch (e) { warnings.push(errorShape(e).message); }
  if (template === null) warnings.push('The tokenizer has no chat template: conversations need one (chatml can be chosen in the recipe); plain text and prompt-completion data work as they are.');
  const { hash, bytes } = weightHash(path);
  const dtypes = [...new Set([...bound.values()].map((t) => t.dtype))];
  const names = { F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as Record<string, string>;
  return {
    path, family: family.id, supported: true, parameters: parameterCount(family.parameters(c)), dtype: dtypes.map((d) => names[d] ?? d).join(', '),
    context: c.maxPositions, vocab_size: c.vocabSize, layers: c.layers, hidden_size: c.hiddenSize, heads: c.heads, kv_heads: c.kvHeads, tied: c.tieEmbeddings,
    bytes, shards: new Set([...opened.tensors.values()].map((t) => t.path)).size, weight_hash: hash, license: licenseOf(path), template, template_preview: preview, warnings,
  };
}
