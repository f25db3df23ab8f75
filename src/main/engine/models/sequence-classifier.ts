/** A decoder with a scalar head in place of the language-model head: Hugging Face's ...ForSequenceClassification with one label, as reward models are. The head reads the last token of a text; it has no bias. */

import type { ParsedModel } from './index.ts';

export const SCORE_HEAD = 'score.weight';

export function asClassifier(model: ParsedModel): ParsedModel {
  const { family } = model;
  return {
    ...model,
    family: {
      ...family,
      parameters: (config) => [...family.parameters(config).filter((p) => p.role !== 'head'), { name: SCORE_HEAD, shape: [1, config.hiddenSize], role: 'head' }],
      headWeight: () => SCORE_HEAD,
    },
  };
}
