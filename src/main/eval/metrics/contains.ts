/** 1 when the answer holds a reference anywhere, after normalisation. Lenient: an answer that lists everything passes too. An empty reference never counts. */
import type { TextMetric } from './metric.ts';
import { normalise } from './normalise.ts';

export const contains: TextMetric = {
  id: 'contains',
  binary: true,
  score: (prediction, references, options) => {
    const p = normalise(prediction, options);
    return references.some((r) => { const n = normalise(r, options); return n !== '' && p.includes(n); }) ? 1 : 0;
  },
  examples: [
    { prediction: 'The answer is 42.', references: ['42'], score: 1 },
    { prediction: 'The answer is forty-two.', references: ['42'], score: 0 },
    { prediction: 'PARIS', references: ['Paris'], options: { ignore_case: true }, score: 1 },
    { prediction: 'anything', references: [''], score: 0 },
  ],
};
