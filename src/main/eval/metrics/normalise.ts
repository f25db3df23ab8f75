/** Normalisation of answers before they are compared. Order as in Hugging Face's exact_match: remove patterns, lower, strip punctuation, strip digits; then trim, which that metric does not do. */
import { AnnealError } from '../../../shared/errors.ts';
import type { NormaliseOptions } from './metric.ts';

const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/g;

export function normalise(text: string, options: NormaliseOptions = {}): string {
  let s = text;
  for (const source of options.regexes_to_ignore ?? []) {
    let pattern: RegExp;
    try { pattern = new RegExp(source, 'gu'); } catch (e) { throw new AnnealError('recipe-value', `"${source}" is not a valid regular expression.`, { pattern: source }, { cause: e }); }
    s = s.replace(pattern, '');
  }
  if (options.ignore_case) s = s.toLowerCase();
  if (options.ignore_punctuation) s = s.replace(ASCII_PUNCTUATION, '');
  if (options.ignore_numbers) s = s.replace(/[0-9]/g, '');
  return options.trim === false ? s : s.trim();
}
