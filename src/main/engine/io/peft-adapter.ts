/** LoRA adapters in PEFT's folder format: adapter_model.safetensors and adapter_config.json, with PEFT's key names. Source: peft 0.21, `shared/spec/alignment.md` section 12. */

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';
import { layerRank, layerScale } from '../../../shared/lora-scale.ts';
import { writeFileDurably } from './durable.ts';
import { peftConfigText, readPeftConfig, type PeftConfig } from './peft-config.ts';
import { readSafetensorsHeader, type TensorEntry } from './safetensors-header.ts';
import { writeSafetensors, type TensorToWrite } from './safetensors-write.ts';
import { readTensorFloats } from './tensor-read.ts';

export type { PeftConfig } from './peft-config.ts';

/** One adapted linear layer: `module` is the dotted path in the model; a is [r, in], b is [out, r]; the layer adds scale * b a. `magnitude` [out]: DoRA.
 * `minus`: the layer's base counts as W - scale * minus.b minus.a (PiSSA and OLoRA while they are trained); written as a pair of twice the rank, as PEFT converts them. */
export interface AdapterPair { module: string; inFeatures: number; outFeatures: number; r: number; scale: number; a: Float32Array; b: Float32Array; magnitude?: Float32Array; minus?: { a: Float32Array; b: Float32Array } }
/** A trained copy of a whole parameter (a bias, or part of a saved module). */
export interface ReplacedTensor { shape: readonly number[]; data: Float32Array }
/** `replaced` by parameter name. With a tied base, `lm_head.weight` and the embedding are separate tensors here, as in PEFT: training one leaves the other alone. */
export interface PeftAdapter { config: PeftConfig; pairs: AdapterPair[]; replaced: ReadonlyMap<string, ReplacedTensor> }

const PREFIX = 'base_model.model.';

/** Tensor name that PEFT gives to a side of a pair. */
export function peftKey(module: string, side: 'A' | 'B'): string { return `${PREFIX}${module}.lora_${side}.weight`; }

export function writePeftAdapter(folder: string, adapter: PeftAdapter): void {
  const { pairs } = adapter;
  writeFileDurably(join(folder, 'adapter_config.json'), peftConfigText(savedConfig(adapter)));
  const float = (name: string, shape: readonly number[], data: () => Float32Array): TensorToWrite => ({ name, shape, dtype: 'F32', data });
  const tensors = pairs.flatMap((p) => {
    const r = p.minus === undefined ? p.r : p.r + p.minus.a.length / p.inFeatures;
    return [
      float(peftKey(p.module, 'A'), [r, p.inFeatures], () => (p.minus === undefined ? p.a : joinRows(p.a, p.minus.a))),
      float(peftKey(p.module, 'B'), [p.outFeatures, r], () => (p.minus === undefined ? p.b : joinColumns(p, p.minus.b))),
      ...(p.magnitude === undefined ? [] : [float(`${PREFIX}${p.module}.lora_magnitude_vector`, [p.outFeatures], () => p.magnitude!)]),
    ];
  });
  const adapted = new Set(pairs.map((p) => p.module));
  for (const [name, { shape, data }] of adapter.replaced) {
    // The bias of an adapted layer sits on the layer that PEFT wrapped.
    const module = name.endsWith('.bias') ? name.slice(0, -'.bias'.length) : '';
    tensors.push(float(PREFIX + (adapted.has(module) ? `${module}.base_layer.bias` : name), shape, () => data));
  }
  tensors.sort((x, y) => (x.name < y.name ? -1 : 1));
  writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors, { format: 'pt' });
}

/** With `minus` the written rank is the sum of both, and alpha follows so that every scale stays what it was. */
function savedConfig({ config, pairs }: PeftAdapter): PeftConfig {
  if (!pairs.some((p) => p.minus !== undefined)) return config;
  const rank: Record<string, number> = {}, alpha: Record<string, number> = {};
  const first = pairs[0]!;
  const rankOf = (p: AdapterPair): number => p.r + (p.minus?.a.length ?? 0) / p.inFeatures;
  const alphaOf = (p: AdapterPair): number => p.scale * (config.use_rslora ? Math.sqrt(rankOf(p)) : rankOf(p));
  for (const p of pairs) {
    const name = p.module.replaceAll('.', '\\.');
    if (rankOf(p) !== rankOf(first)) rank[name] = rankOf(p);
    if (Math.abs(alphaOf(p) - alphaOf(first)) > 1e-9 * alphaOf(first)) alpha[name] = alphaOf(p);
  }
  return { ...config, r: rankOf(first), lora_alpha: alphaOf(first), rank_pattern: rank, alpha_pattern: alpha };
}

function joinRows(a: Float32Array, below: Float32Array): Float32Array {
  const joined = new Float32Array(a.length + below.length);
  joined.set(a);
  joined.set(below, a.length);
  return joined;
}

/** [b, -minus] side by side. */
function joinColumns({ b, r, outFeatures }: AdapterPair, minus: Float32Array): Float32Array {
  const k = minus.length / outFeatures, width = r + k;
  const joined = new Float32Array(outFeatures * width);
  for (let o = 0; o < outFeatures; o++) {
    joined.set(b.subarray(o * r, (o + 1) * r), o * width);
    for (let i = 0; i < k; i++) joined[o * width + r + i] = -minus[o * k + i]!;
  }
  return joined;
}

type Bad = (problem: string) => AnnealError;
interface Found { a?: TensorEntry; b?: TensorEntry; magnitude?: TensorEntry }

/** Reads an adapter folder. Throws `adapter-invalid` for anything but LoRA (with rsLoRA, DoRA, patterns, biases and saved modules) on linear layers. Whether it fits a model is checked by who applies it. */
export function readPeftAdapter(folder: string): PeftAdapter {
  const bad: Bad = (problem) => new AnnealError('adapter-invalid', `The adapter in ${basename(folder)} cannot be used: ${problem}.`, { folder: basename(folder) });
  const configPath = join(folder, 'adapter_config.json');
  const weightPath = join(folder, 'adapter_model.safetensors');
  for (const path of [configPath, weightPath]) if (!existsSync(path)) throw bad(`${basename(path)} is missing`);
  const config = readPeftConfig(configPath, bad);
  const { found, rest } = sortTensors([...readSafetensorsHeader(weightPath).tensors.values()], bad);
  const pairs = [...found].map(([module, entries]) => readPair(module, entries, config, bad));
  if (pairs.length === 0) throw bad('it holds no LoRA tensors');
  const replaced = new Map<string, ReplacedTensor>();
  for (const [name, entry] of rest) {
    if (name.endsWith('.bias') ? config.bias === 'none' && config.modules_to_save === null : config.modules_to_save === null) throw bad(`tensor "${entry.name}" is neither part of a LoRA layer nor announced by bias or modules_to_save`);
    replaced.set(name, { shape: entry.shape, data: readTensorFloats(entry) });
  }
  return { config, pairs, replaced };
}

function sortTensors(entries: readonly TensorEntry[], bad: Bad): { found: Map<string, Found>; rest: Map<string, TensorEntry> } {
  const found = new Map<string, Found>();
  const rest = new Map<string, TensorEntry>();
  for (const entry of entries) {
    const name = entry.name.startsWith(PREFIX) ? entry.name.slice(PREFIX.length) : entry.name;
    const match = /^(.+)\.lora_(A|B|magnitude_vector)(?:\.default)?(?:\.weight)?$/.exec(name);
    if (match !== null) {
      const of = found.get(match[1]!) ?? {};
      of[match[2] === 'A' ? 'a' : match[2] === 'B' ? 'b' : 'magnitude'] = entry;
      found.set(match[1]!, of);
    } else if (name.includes('.lora_embedding_')) {
      throw bad(`tensor "${entry.name}" adapts an embedding, which is not supported; train it with modules_to_save instead`);
    } else if (name.includes('.lora_')) {
      throw bad(`tensor "${entry.name}" is not supported`);
    } else {
      rest.set(name.replace(/\.base_layer\.bias$/, '.bias').replace(/\.modules_to_save(?:\.default)?\.(weight|bias)$/, '.$1'), entry);
    }
  }
  return { found, rest };
}

function readPair(module: string, { a, b, magnitude }: Found, config: PeftConfig, bad: Bad): AdapterPair {
  if (a === undefined || b === undefined) throw bad(`module "${module}" has only one of lora_A and lora_B`);
  const r = layerRank(config, module);
  const shape = (e: TensorEntry): string => `tensor "${e.name}" has shape [${e.shape.join(', ')}]`;
  if (a.shape.length !== 2 || a.shape[0] !== r) throw bad(`${shape(a)}, which does not fit rank ${r}`);
  if (b.shape.length !== 2 || b.shape[1] !== r) throw bad(`${shape(b)}, which does not fit rank ${r}`);
  const [outFeatures, inFeatures] = [b.shape[0]!, a.shape[1]!];
  if ((magnitude !== undefined) !== config.use_dora) throw bad(config.use_dora ? `use_dora is on, but module "${module}" has no lora_magnitude_vector` : `module "${module}" has a lora_magnitude_vector, but use_dora is off`);
  if (magnitude !== undefined && magnitude.shape.reduce((n, d) => n * d, 1) !== outFeatures) throw bad(`${shape(magnitude)}, which does not fit ${outFeatures} outputs`);
  return { module, inFeatures, outFeatures, r, scale: layerScale(config, module, r), a: readTensorFloats(a), b: readTensorFloats(b), ...(magnitude === undefined ? {} : { magnitude: readTensorFloats(magnitude) }) };
}
