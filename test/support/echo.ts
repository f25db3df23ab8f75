/** A small contract and service for tests of transports and processes. */
import { z } from 'zod';
import { call, stream } from '../../src/shared/rpc/define.ts';
import type { Contract, Service } from '../../src/shared/rpc/define.ts';

export const echoContract = {
  echo: call({ input: z.object({ value: z.string() }), output: z.string() }),
  sum: call({ input: z.object({ values: z.instanceof(Float64Array) }), output: z.number().or(z.nan()) }),
  /** Never answers. */
  hang: call({ input: z.object({}), output: z.void() }),
  count: stream({ input: z.object({ to: z.number() }), item: z.number(), policy: 'every' }),
} satisfies Contract;

export const echoService: Service<typeof echoContract> = {
  echo: ({ value }) => value,
  sum: ({ values }) => values.reduce((a, b) => a + b, 0),
  hang: () => new Promise(() => undefined),
  count: async function* count({ to }) { for (let i = 0; i < to; i++) yield i; },
};
