/** Completions as a scalar head reads them: without the padding tokens at their end (models/reward-config.ts says why). A text that ends otherwise is unchanged. */

import { isExample, type EncodedCompletion, type TrainRow } from './example-row.ts';

export function withoutPadding<R extends TrainRow>(rows: readonly R[], pad: number | null): readonly R[] {
  if (pad === null || !rows.some((row) => isExample(row) && row.completions.some((c) => endsWith(c, pad)))) return rows;
  return rows.map((row) => {
    if (!isExample(row) || !row.completions.some((c) => endsWith(c, pad))) return row;
    const completions = row.completions.map((c) => cut(c, pad));
    // Where nothing of an answer is left its score is read within the prompt: then each text stands alone.
    const whole = completions.every((c) => c.ids.length > c.prompt);
    return { ...row, completions: whole ? completions : completions.map((c) => ({ ...c, prompt: Math.min(c.prompt, c.ids.length) })), ...(whole ? {} : { separate: true }) };
  });
}

const endsWith = ({ ids }: EncodedCompletion, pad: number): boolean => ids.length > 1 && ids[ids.length - 1] === pad;
function cut(c: EncodedCompletion, pad: number): EncodedCompletion {
  let end = c.ids.length;
  while (end > 1 && c.ids[end - 1] === pad) end--;
  return end === c.ids.length ? c : { ids: c.ids.slice(0, end), prompt: c.prompt };
}
