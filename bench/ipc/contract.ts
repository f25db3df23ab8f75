/** The one stream that this benchmark measures: metric events in batches, as a run's news would come. */
import { z } from 'zod';
import { call, stream } from '../../src/shared/rpc/define.ts';
import type { Contract } from '../../src/shared/rpc/define.ts';

const event = z.object({ step: z.number(), values: z.record(z.string(), z.number()) });
export type MetricEvent = z.infer<typeof event>;

export const ipcContract = {
  ping: call({ input: z.strictObject({ n: z.number() }), output: z.number() }),
  events: stream({ input: z.strictObject({ total: z.number(), batch: z.number() }), item: z.array(event), policy: 'every' }),
} satisfies Contract;
