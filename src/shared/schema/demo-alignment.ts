/** The alignment part of the demo: fine-tuned against aligned on held-out pairs. Shares are 0 to 1, with 95 % intervals. */
import { z } from 'zod';

const share = z.object({ value: z.number(), low: z.number(), high: z.number() });
export const demoCategory = z.object({
  task: z.string(), n: z.number(),
  /** Pairs whose preferred answer gained more over the fine-tuned model than the other; 0.5 before alignment by construction. Wilson's interval. */
  reward_accuracy: share,
  /** Pairs whose preferred answer is likelier per token. Wilson's interval. */
  likelihood_before: share, likelihood_after: share,
  /** Greedy answers of the aligned model against the fine-tuned one's before the judge of manners, ties counted half; Wilson's interval, which is wide where many are ties. */
  win_rate: share, ties: z.number(),
  /** Greedy answers that keep every rule of the judge. Wilson's interval. */
  passed_before: share, passed_after: share,
});
export const demoAlignment = z.object({
  run_id: z.string(), categories: z.array(demoCategory),
  /** The exact match of fine-tuning on its held-out rows, asked again after alignment; and the paired difference to before. */
  exact_match: share.extend({ n: z.number() }), exact_match_change: z.object({ mean: z.number(), low: z.number(), high: z.number(), p: z.number() }),
  examples: z.array(z.object({ task: z.string(), prompt: z.string(), expected: z.string(), before: z.string(), after: z.string() })),
});
export type DemoAlignment = z.infer<typeof demoAlignment>;
