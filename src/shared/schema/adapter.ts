/** PEFT adapters that come from elsewhere: what their folder says, and whether they fit a model. */
import { z } from 'zod';
import { loraAdapter } from './recipe.ts';

export const adapterFacts = z.object({
  path: z.string(), /** base_model_name_or_path, as the folder says it. */ base: z.string().nullable(), adapter: loraAdapter,
  /** Adapted layers, and parameters in all. */ layers: z.number(), parameters: z.number(), bytes: z.number(), weight_hash: z.string(),
  /** Why it does not fit the model that was named, in a sentence; null: it fits, or none was named. */ problem: z.string().nullable(),
});
export type AdapterFacts = z.infer<typeof adapterFacts>;
