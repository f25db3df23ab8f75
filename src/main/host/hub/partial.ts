/** A download on the disk: a hidden folder with the files so far and `download.json`, which says what is fetched, so that it can be continued after a restart. The folder is renamed when everything is there and checked. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { hubFile } from '../../../shared/schema/hub.ts';

const PREFIX = '.partial-';
const PLAN = 'download.json';

const plan = z.object({
  id: z.string().regex(/^[\w-]{1,64}$/), model: z.string(), name: z.string(), revision: z.string(), commit: z.string(), endpoint: z.string(), license: z.string().nullable(), format: z.enum(['folder', 'gguf']), files: z.array(hubFile),
  /** Name of the finished folder. */ folder: z.string().regex(/^[\w.-]{1,255}$/), started_at: z.number(), tags: z.record(z.string(), z.string()),
});
/** Everything that a download needs to go on. `tags`: entity tags of unfinished bodies. */
export type Plan = z.infer<typeof plan>;

export const partialFolder = (models: string, id: string): string => join(models, `${PREFIX}${id}`);

export function savePlan(models: string, p: Plan): void {
  const folder = partialFolder(models, p.id);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `${PLAN}.new`);
  writeFileSync(temporary, `${JSON.stringify(p, null, 1)}\n`);
  renameSync(temporary, join(folder, PLAN));
}

/** Unfinished downloads; what cannot be read is left alone. */
export function loadPlans(models: string): Plan[] {
  let names: string[];
  try { names = readdirSync(models); } catch { return []; }
  return names.filter((n) => n.startsWith(PREFIX)).flatMap((n) => {
    try {
      const p = plan.parse(JSON.parse(readFileSync(join(models, n, PLAN), 'utf8')));
      return partialFolder(models, p.id) === join(models, n) ? [p] : [];
    } catch { return []; }
  });
}

