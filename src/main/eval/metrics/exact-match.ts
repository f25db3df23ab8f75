/** 1 when the answer equals a reference after normalisation, else 0. By default only white space at the ends is ignored; `trim: false` gives Hugging Face's comparison. */
import type { TextMetric } from './metric.ts';
import { normalise } from './normalise.ts';

export const exactMatch: TextMetric = {
  id: 'exact_match',
  binary: true,
  score: (prediction, references, options) => { const p = normalise(prediction, options); return references.some((r) => normalise(r, options) === p) ? 1 : 0; },
  examples: [
    { prediction: ' comedy\n', references: ['comedy'], score: 1 },
    { prediction: ' comedy', references: ['comedy'], options: { trim: false }, score: 0 },
    { prediction: 'Yes.', references: ['yes'], score: 0 },
    { prediction: 'Yes.', references: ['no', 'yes'], options: { ignore_case: true, ignore_punctuation: true }, score: 1 },
    { prediction: 'agent', references: ['agent007'], options: { ignore_numbers: true }, score: 1 },
    { prediction: '', references: [], score: 0 },
  ],
};
