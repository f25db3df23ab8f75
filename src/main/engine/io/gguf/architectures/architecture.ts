/** The definition object of a GGUF architecture: how its metadata and tensor names go over into a Hugging Face config and Hugging Face names, and back. One file each, one line in the registry. */

import type { GgufScalar } from '../gguf-types.ts';
import type { Metadata } from '../metadata.ts';

export type Json = Record<string, unknown>;
export type FloatReader = () => Float32Array;

/** What a tensor's values undergo besides the renaming. Each is undone on the way in:
 * `permute-q`, `permute-k`: the two halves of each head's rotary pairs are interleaved; `plus-one`: norm weights carry their 1; `transpose`: [in, out] becomes [out, in]; `squeeze`: [c, 1, k] becomes [c, k]. */
export type TensorChange = 'permute-q' | 'permute-k' | 'plus-one' | 'transpose' | 'squeeze';

/** `{n}` stands for the layer number in both names. */
export interface TensorRule { gguf: string; hf: string; change?: TensorChange }

/** A metadata entry to write: the key without the architecture's prefix. Numbers become u32, but those of `REAL_KEYS` (metadata-write.ts) f32. */
export type MetadataEntries = Record<string, GgufScalar | GgufScalar[] | null | undefined>;

/** What of the tensors a config depends on. */
export interface TensorFacts {
  has: (name: string) => boolean;
  /** Shape, outermost first. */
  shape: (name: string) => readonly number[] | undefined;
  /** Values of a small tensor, such as rope factors. */
  read: (name: string) => Float32Array;
}

export interface GgufArchitecture {
  /** Value of `general.architecture`. */
  id: string;
  /** Hugging Face model types that are written as this architecture; the first is what an imported file becomes. */
  modelTypes: readonly string[];
  rules: readonly TensorRule[];
  /** Tensors that say something about the config and are no weights. */
  extras?: readonly string[];
  toConfig: (metadata: Metadata, tensors: TensorFacts) => Json;
  toMetadata: (config: Json) => MetadataEntries;
  /** What the file cannot say of this config and readers do differently, in sentences. */
  losses?: (config: Json) => string[];
  /** Extra tensors to write for this config (rope factors). */
  extraTensors?: (config: Json) => { name: string; values: Float32Array }[];
}
