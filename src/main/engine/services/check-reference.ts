/** A reference scores the policy's tokens, so both must mean the same by every id. Compared on a text of many kinds of characters, and by the vocabularies' sizes. */
import { Tokenizer } from '../../data/tokenizer/tokenizer.ts';
import { AnnealError } from '../../../shared/errors.ts';
import type { Job } from '../protocol.ts';
import type { ModelText } from './model-text.ts';

const PROBE = 'The quick brown fox (1984) jumps; naïve cafés über Straße, 東京とパリ, Москва, مرحبا, 안녕 🦊 --- if (x >= 10) { return x ** 2; }\n\tEnd.';

/** Throws `recipe-value` for a reference of another vocabulary. */
export async function checkReference(job: Job, { tokenizer }: ModelText): Promise<void> {
  if (job.reference == null || job.reference.folder === job.model.folder) return;
  const other = await Tokenizer.load(job.reference.folder);
  const [a, b] = [tokenizer, other].map((t) => t.encode(PROBE, { addSpecial: false }));
  if (a!.length === b!.length && a!.every((id, i) => id === b![i])) return;
  throw new AnnealError('recipe-value', 'train.ref_model: the reference has another vocabulary than the model (the same text gives other tokens), so their log-probabilities cannot be compared; choose a reference of the same family.', { path: 'train.ref_model' });
}
