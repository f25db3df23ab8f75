/** The review card and the loss mask with invented content. */
import type { MaskRow, Review } from '../../src/shared/schema/review.ts';
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
  plan: { weights: 17e6, prepacked: 17e6, activations: 281e6, gradients: 12e6, optimizer: 25e6, runtime: 170e6, total: 522e6, available: 17.2e9, fits: true, remedies: [] },
  run: { total_steps: 186, epochs: 3, rows: 2048, packed_rows: 165, fill: 0.978, row_length: 512, tokens_per_step: 4096, trainable_parameters: 786_432, total_parameters: 4_998_912, modules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'], gflop_per_step: 41, checkpoint_bytes: 9.4e6, checkpoints: 3, evaluations: 4, threads: 2, precision: 'fp32' },
  first: maskRow(0),
});
