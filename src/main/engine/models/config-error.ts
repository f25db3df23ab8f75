/** The error for a config.json that cannot be used. */

import { AnnealError } from '../../../shared/errors.ts';

export function configError(problem: string): AnnealError {
  return new AnnealError('model-config-invalid', `config.json cannot be used: ${problem}.`);
}
