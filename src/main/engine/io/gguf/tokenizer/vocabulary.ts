/** A vocabulary as GGUF lists it: one entry an id. */

/** Values of `tokenizer.ggml.token_type`. */
export const TOKEN = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Name of an id that has no token: embeddings are often padded. */
export const padding = (id: number): string => `[PAD${id}]`;
export const isPadding = (text: string, type: number): boolean => type === TOKEN.unused && /^\[PAD\d+\]$/.test(text);
