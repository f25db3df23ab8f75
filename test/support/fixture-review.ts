/** The review card and the loss mask with invented content. */
import { recipe as recipeSchema } from '../../src/shared/schema/recipe.ts';
import type { MaskAnswer, MaskRow, Review } from '../../src/shared/schema/review.ts';
import { recipe } from './fixture-data.ts';

export function maskRow(index: number): MaskRow {
  const tokens: MaskRow['tokens'] = [];
  const put = (kind: MaskRow['tokens'][number]['kind'], ...texts: string[]): void => { for (const text of texts) tokens.push({ id: tokens.length, text, kind }); };
  put('special', '<|im_start|>'); put('context', 'system', '\n', 'Be', ' brief', '.'); put('special', '<|im_end|>'); put('context', '\n');
  put('special', '<|im_start|>'); put('context', 'user', '\n', 'Where', ' does', ' Chen', ' live', '?'); put('special', '<|im_end|>'); put('context', '\n');
  put('special', '<|im_start|>'); put('context', 'assistant', '\n');
  put('trained', 'Chen', ' lives', ' in', ' 青', '石', '镇', ',', ' near', ' the', ' mill', '.'); put('stop', '<|im_end|>');
  return { index, total: tokens.length, tokens, trained: 12, context: tokens.length - 12, cut: 0, has_stop: true, warnings: [] };
}
export const review = (): Review => ({
  recipe: recipe(), issues: [{ path: 'train.max_length', level: 'warn', code: 'truncated', message: '9 rows are cut at 512 tokens.' }],
  stats: { rows: 2048, zero_trained: 0, truncated: 9, without_stop: 0, boundary_merges: 0, tokens: 83_968, trained_tokens: 28_672, median_tokens: 41, median_trained: 14, longest: 642, longest_index: 1187, truncated_rows: [12, 305, 411, 640, 987, 1187, 1290, 1733, 2001], overlap: 0, template: 'anneal-tiny', histogram: [16, 32, 48, 64, 96, 128, 256, 512, 1024].map((upto, i) => ({ upto, rows: [12, 410, 820, 500, 190, 80, 22, 5, 9][i] ?? 0 })) },
  plan: { weights: 17e6, prepacked: 17e6, activations: 281e6, gradients: 12e6, optimizer: 25e6, evaluation: 0, generation: 0, reference: 0, runtime: 170e6, total: 522e6, available: 17.2e9, budget: 15e9, fits: true, reasons: ['Packed copies of the frozen weights (17.0 MB) are kept, because they fit and make steps faster.'], remedies: [] },
  run: { total_steps: 186, epochs: 3, rows: 2048, packed_rows: 165, fill: 0.978, row_length: 512, tokens_per_step: 4096, trainable_parameters: 786_432, total_parameters: 4_998_912, modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'], gflop_per_step: 41, checkpoint_bytes: 9.4e6, checkpoints: 3, evaluations: 4, threads: 2, precision: 'fp32' },
  first: maskRow(0),
});

export function pairRow(index: number): MaskRow {
  const tokens: MaskRow['tokens'] = [], put = (kind: MaskRow['tokens'][number]['kind'], ...texts: string[]): MaskRow['tokens'] => texts.map((text, i) => ({ id: i, text, kind }));
  tokens.push(...put('special', '<|im_start|>'), ...put('context', 'user', '\n', 'Ask', ' Chen', ' for', ' the', ' key', ' to', ' the', ' mill', '.'), ...put('special', '<|im_end|>'), ...put('context', '\n'), ...put('special', '<|im_start|>'), ...put('context', 'assistant', '\n'));
  const answer = (role: MaskAnswer['role'], ...texts: string[]): MaskAnswer => ({ role, tokens: [...put('trained', ...texts), ...put('stop', '<|im_end|>')], trained: texts.length + 1, cut: 0, has_stop: true });
  const answers = [answer('chosen', 'Chen', ',', ' could', ' you', ' please', ' give', ' me', ' the', ' key', ' to', ' the', ' mill', '?'), answer('rejected', 'Chen', ',', ' give', ' me', ' the', ' key', '!')];
  return { index, total: tokens.length + 22, tokens, trained: 22, context: tokens.length, cut: 0, has_stop: true, warnings: [], answers };
}
export function pairReview(draft: unknown): Review {
  const r = review(), given = recipeSchema.safeParse(draft);
  return {
    ...r, recipe: given.success ? given.data : recipeSchema.parse({ method: 'dpo', model: 'anneal-tiny', data: { train: 'pairs', eval: 'held' } }),
    issues: [{ path: 'data.train', level: 'warn', code: 'identical-pair', message: '3 of 1200 pairs (0.3 %) have the same answer as chosen and as rejected; they say nothing and are left out.' }, { path: 'data.train', level: 'warn', code: 'length-bias', message: 'Longer.' }, { path: 'data.eval', level: 'warn', code: 'prompt-overlap', message: '12 training rows have a prompt that also stands in the held-out data, so its scores may flatter.' }],
    stats: { ...r.stats, rows: 1200, truncated: 0, truncated_rows: [], longest: 71, longest_index: 88, trained_tokens: 26_400, tokens: 61_000, median_tokens: 31, median_trained: 21, histogram: [16, 24, 32, 48, 64, 96].map((upto, i) => ({ upto, rows: [22, 310, 560, 240, 60, 8][i] ?? 0 })), preference: { pairs: 1200, desirable: 0, undesirable: 0, identical: 3, too_long: 0, chosen_median: 13, rejected_median: 8, chosen_longer: 0.83 } },
    run: { ...r.run, total_steps: 150, epochs: 1, rows: 1197, reference: { how: 'adapter-off', precomputed: true, passes: 1, gflop: 2050 } }, first: pairRow(0),
  };
}
