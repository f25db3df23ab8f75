/** What is kept from run to run because it takes time to make, and may go at any time. */
import { z } from 'zod';

export const CACHES = ['graphs', 'int8', 'reference'] as const;
export type CacheId = (typeof CACHES)[number];
/** On disk, in bytes. */
export const cacheSize = z.object({ cache: z.enum(CACHES), files: z.number(), bytes: z.number() });
export type CacheSize = z.infer<typeof cacheSize>;
