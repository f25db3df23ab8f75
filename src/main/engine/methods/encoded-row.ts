/** One example as token ids and loss mask: what data preparation hands to training. */

export interface EncodedRow {
  ids: Int32Array | readonly number[];
  /** 1 where the token is a training target. */
  mask: Uint8Array;
  truncated: boolean;
  /** Index of the row in its dataset, for messages. */
  source: number;
}

/** Training targets after the shift: the first token has no prediction and is never counted. */
export function lossTokens(row: EncodedRow): number {
  let n = 0;
  for (let i = 1; i < row.mask.length; i++) n += row.mask[i]!;
  return n;
}
