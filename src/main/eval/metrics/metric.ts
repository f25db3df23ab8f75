/** What a text metric declares. One object per metric in its own file, one line in `index.ts`; tests iterate over the registry. */

export interface NormaliseOptions {
  /** Cut white space at both ends. On by default; off for parity with raw comparison. */
  trim?: boolean;
  ignore_case?: boolean;
  /** Remove ASCII punctuation. */
  ignore_punctuation?: boolean;
  /** Remove ASCII digits. */
  ignore_numbers?: boolean;
  /** Regular expressions whose matches are removed first, in this order. */
  regexes_to_ignore?: readonly string[];
}

export interface TextMetric {
  id: string;
  /** True where every score is 0 or 1, so that proportions (Wilson, McNemar) apply. */
  binary: boolean;
  /** Score of one answer, 0 to 1, higher is better; the best over the references. No reference scores 0. */
  score(prediction: string, references: readonly string[], options?: NormaliseOptions): number;
  /** Cases with known scores, for tests and documentation. */
  examples: readonly { prediction: string; references: readonly string[]; options?: NormaliseOptions; score: number }[];
}
