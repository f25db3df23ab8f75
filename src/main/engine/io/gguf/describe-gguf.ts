/** What a GGUF file is in Hugging Face's words: config.json, tokenizer files, and for each parameter where it comes from. Reads metadata and small tensors only. */

import { basename } from 'node:path';
import type { Json, TensorFacts, TensorChange } from './architectures/architecture.ts';
import { architectureOfFile } from './architectures/index.ts';
import { invalidGguf, isPlain, unsupportedGguf, type TensorKindName } from './gguf-types.ts';
import { readGguf, type GgufFile, type GgufTensor } from './read-gguf.ts';
import { readGgufBytes, readGgufFloats } from './read-tensor.ts';
import { hfShape, type HeadCounts } from './tensor-changes.ts';
import { TensorNames } from './tensor-names.ts';
import { tokenizerFromEntries } from './tokenizer/tokenizer-from-gguf.ts';

/** A parameter under its Hugging Face name. `dtype`: the type it has in a folder; quantised values become float16, which is finer than any of the block formats. */
export interface GgufParameter { name: string; shape: number[]; dtype: 'F32' | 'F16' | 'BF16'; tensor: GgufTensor; change: TensorChange | undefined }

export interface GgufModel {
  file: GgufFile;
  config: Json;
  tokenizer: Json;
  tokenizerConfig: Json;
  generationConfig: Json;
  parameters: GgufParameter[];
  counts: HeadCounts;
  name: string;
  license: string | null;
  baseModel: string | null;
  /** How many tensors have which type. */
  kinds: Partial<Record<TensorKindName, number>>;
  notes: string[];
}

/** Throws as `readGguf` does, and `gguf-unsupported` for architectures and tokenizers that are not known. */
export function describeGguf(path: string): GgufModel {
  const file = readGguf(path);
  const { architecture, metadata } = architectureOfFile(file);
  const facts = factsOf(file);
  if ((metadata.number('split.count') ?? 1) > 1) throw unsupportedGguf(basename(path), 'it is one part of a split file; join the parts first (llama-gguf-split --merge)');
  const config = architecture.toConfig(metadata, facts);
  const tokenizer = tokenizerFromEntries((key) => file.metadata.get(key));
  const id = (key: string): number | null => { const v = metadata.number(`tokenizer.ggml.${key}`); return v !== null && v < Number(config['vocab_size']) ? v : null; };
  const ids = { bos_token_id: id('bos_token_id'), eos_token_id: tokenizer.stopIds.length > 1 ? tokenizer.stopIds : tokenizer.stopIds[0] ?? null, pad_token_id: id('padding_token_id') };
  const notes = [...tokenizer.notes];
  const { parameters, unknown, tiedAfterAll } = parametersOf(file, architecture.rules, architecture.extras ?? []);
  if (unknown.length > 0) notes.push(`${unknown.length} tensor${unknown.length === 1 ? '' : 's'} of the file have no place in this architecture and were left out: ${unknown.slice(0, 3).join(', ')}${unknown.length > 3 ? ' ...' : ''}.`);
  const kinds: GgufModel['kinds'] = {};
  for (const t of file.tensors.values()) kinds[t.kind] = (kinds[t.kind] ?? 0) + 1;
  const quantised = (Object.keys(kinds) as TensorKindName[]).filter((k) => !isPlain(k));
  if (quantised.length > 0) notes.push(`The weights were quantised (${quantised.join(', ')}); they are used as float16, which changes them far less than the quantisation did.`);
  const heads = Number(config['num_attention_heads'] ?? config['n_head']);
  return {
    file, config: { ...config, ...(tiedAfterAll ? { tie_word_embeddings: true } : {}), ...ids, ...dtypeOf(parameters) }, tokenizer: tokenizer.json, tokenizerConfig: tokenizer.config,
    generationConfig: { ...ids }, parameters, counts: { heads, kvHeads: Number(config['num_key_value_heads'] ?? heads) },
    name: metadata.text('general.name') ?? basename(path).replace(/\.gguf$/i, ''), license: metadata.text('general.license'), baseModel: metadata.text('general.base_model.0.name'), kinds, notes,
  };
}

const SMALL = 1 << 20;

function factsOf(file: GgufFile): TensorFacts {
  return {
    has: (name) => file.tensors.has(name),
    shape: (name) => file.tensors.get(name)?.shape,
    read: (name) => {
      const t = file.tensors.get(name);
      if (t === undefined || t.byteLength > SMALL) throw invalidGguf(basename(file.path), `the tensor "${name}" is ${t === undefined ? 'missing' : 'far too large'}`);
      return readGgufFloats(t);
    },
  };
}

function parametersOf(file: GgufFile, rules: ConstructorParameters<typeof TensorNames>[0], extras: readonly string[]): { parameters: GgufParameter[]; unknown: string[]; tiedAfterAll: boolean } {
  const names = new TensorNames(rules);
  const parameters: GgufParameter[] = [], unknown: string[] = [];
  const tiedAfterAll = sameBytes(file.tensors.get('token_embd.weight'), file.tensors.get('output.weight'));
  for (const tensor of file.tensors.values()) {
    const found = names.toHf(tensor.name);
    if (found === null) { if (!extras.includes(tensor.name)) unknown.push(tensor.name); continue; }
    if (tiedAfterAll && tensor.name === 'output.weight') continue;
    parameters.push({ name: found.hf, shape: hfShape(found.change, tensor.shape), dtype: isPlain(tensor.kind) ? tensor.kind : 'F16', tensor, change: found.change });
  }
  return { parameters, unknown, tiedAfterAll };
}

/** Whether a head is the embedding once more, as some converters write it. */
function sameBytes(a: GgufTensor | undefined, b: GgufTensor | undefined): boolean {
  if (a === undefined || b === undefined || a.kind !== b.kind || a.byteLength !== b.byteLength) return false;
  for (let done = 0; done < a.byteLength; done += SMALL) {
    const piece = (t: GgufTensor): Uint8Array => new Uint8Array(readGgufBytes({ ...t, offset: t.offset + done, byteLength: Math.min(SMALL, t.byteLength - done) }));
    if (Buffer.compare(piece(a), piece(b)) !== 0) return false;
  }
  return true;
}

/** `dtype` of config.json: the type of most of the weights. */
function dtypeOf(parameters: readonly GgufParameter[]): Json {
  const bytes = new Map<string, number>();
  for (const p of parameters) bytes.set(p.dtype, (bytes.get(p.dtype) ?? 0) + p.tensor.byteLength);
  const most = [...bytes].toSorted((a, b) => b[1] - a[1])[0]?.[0];
  return most === undefined ? {} : { dtype: { F32: 'float32', F16: 'float16', BF16: 'bfloat16' }[most] };
}
