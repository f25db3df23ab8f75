/** Words of the GGUF format: value types, tensor types with their block sizes, file types. Source: the GGUF specification of ggml (versions 2 and 3, little-endian). */

import { AnnealError } from '../../../../shared/errors.ts';

export const GGUF_MAGIC = 0x46554747;
export const GGUF_VERSIONS: readonly number[] = [2, 3];
export const DEFAULT_ALIGNMENT = 32;

/** Codes of metadata values. */
export const VALUE = { u8: 0, i8: 1, u16: 2, i16: 3, u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9, u64: 10, i64: 11, f64: 12 } as const;
export type ValueCode = (typeof VALUE)[keyof typeof VALUE];
export type GgufScalar = number | string | boolean;
export type GgufValue = GgufScalar | GgufScalar[];

/** A tensor type: `block` values take `bytes` bytes. */
export interface TensorKind { readonly code: number; readonly block: number; readonly bytes: number }
/** The types that can be read. */
export const TENSOR_KINDS = {
  F32: { code: 0, block: 1, bytes: 4 }, F16: { code: 1, block: 1, bytes: 2 }, BF16: { code: 30, block: 1, bytes: 2 },
  Q4_0: { code: 2, block: 32, bytes: 18 }, Q4_1: { code: 3, block: 32, bytes: 20 }, Q5_0: { code: 6, block: 32, bytes: 22 }, Q5_1: { code: 7, block: 32, bytes: 24 }, Q8_0: { code: 8, block: 32, bytes: 34 },
  Q4_K: { code: 12, block: 256, bytes: 144 }, Q5_K: { code: 13, block: 256, bytes: 176 }, Q6_K: { code: 14, block: 256, bytes: 210 },
} as const satisfies Record<string, TensorKind>;
export type TensorKindName = keyof typeof TENSOR_KINDS;
export const isPlain = (kind: TensorKindName): kind is 'F32' | 'F16' | 'BF16' => kind === 'F32' || kind === 'F16' || kind === 'BF16';

/** Types that exist and are refused by name. */
const REFUSED: Record<number, string> = {
  4: 'Q4_2', 5: 'Q4_3', 9: 'Q8_1', 10: 'Q2_K', 11: 'Q3_K', 15: 'Q8_K', 16: 'IQ2_XXS', 17: 'IQ2_XS', 18: 'IQ3_XXS', 19: 'IQ1_S', 20: 'IQ4_NL', 21: 'IQ3_S', 22: 'IQ2_S', 23: 'IQ4_XS', 24: 'I8', 25: 'I16', 26: 'I32',
  27: 'I64', 28: 'F64', 29: 'IQ1_M', 31: 'Q4_0_4_4', 32: 'Q4_0_4_8', 33: 'Q4_0_8_8', 34: 'TQ1_0', 35: 'TQ2_0', 39: 'MXFP4', 40: 'NVFP4',
};
const NAMES = new Map<number, TensorKindName>((Object.keys(TENSOR_KINDS) as TensorKindName[]).map((name) => [TENSOR_KINDS[name].code, name]));

export const kindOf = (code: number): TensorKindName | undefined => NAMES.get(code);
export const kindLabel = (code: number): string => NAMES.get(code) ?? REFUSED[code] ?? `number ${code}`;

/** Bytes of a tensor whose rows (the innermost dimension) are `row` long. */
export function tensorBytes(kind: TensorKindName, elements: number): number {
  const { block, bytes } = TENSOR_KINDS[kind];
  return (elements / block) * bytes;
}

/** Types to write, with the value of `general.file_type`. Q4_K_M is a mixture of Q4_K and Q6_K. */
export const FILE_TYPES = { F32: 0, F16: 1, BF16: 32, Q8_0: 7, Q4_0: 2, Q4_K_M: 15 } as const;
export type GgufFileType = keyof typeof FILE_TYPES;

export const unsupportedGguf = (file: string, problem: string, params: Record<string, string | number> = {}): AnnealError => new AnnealError('gguf-unsupported', `${file} cannot be used: ${problem}.`, { file, ...params });
export const invalidGguf = (file: string, problem: string): AnnealError => new AnnealError('gguf-invalid', `${file} is not a valid GGUF file: ${problem}; copy or download it again.`, { file });
/** For a model or tokenizer that the format has no words for. */
export const cannotWrite = (problem: string): AnnealError => new AnnealError('gguf-unsupported', `This model cannot be written as GGUF: ${problem}.`);
