/** The machine and the process, measured. */
import { z } from 'zod';

export const provider = z.object({ id: z.string(), available: z.boolean(), reason: z.string().nullable(), /** Computes on the processor in truth. */ software: z.boolean().optional() });
export const systemInfo = z.object({
  version: z.string(), node: z.string(), electron: z.string().nullable(), platform: z.string(), arch: z.string(), cpu: z.string(), cores: z.number(), threads: z.number(), memory_total: z.number(), home: z.string(), home_free: z.number(),
  onnxruntime: z.string(), providers: z.array(provider), mode: z.enum(['desktop', 'browser', 'cli']),
});
export type SystemInfo = z.infer<typeof systemInfo>;
/** `rss` sums host and engines. `connections` counts outgoing network connections of host and engines since their start. */
export const systemStatus = z.object({ time: z.number(), rss: z.number(), memory_free: z.number(), live_run: z.string().nullable(), queued: z.number(), engines: z.array(z.object({ kind: z.string(), state: z.string(), pid: z.number().nullable(), rss: z.number() })), connections: z.number(), /** What the network is open for now: models that are downloaded or asked about. */ network: z.array(z.string()).optional() });
export type SystemStatus = z.infer<typeof systemStatus>;
