/** Where the files that ship with Anneal are: beside the source, beside the bundle, or where a package unpacks them. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

function upwards(name: string): string | null {
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return join(folder, name);
    if (dirname(folder) === folder) return null;
  }
}

/** The `resources` folder, or null when this installation has none. */
export function resourcesFolder(env: NodeJS.ProcessEnv = process.env): string | null {
  const own = env['ANNEAL_RESOURCES'];
  return own !== undefined && own !== '' ? own : upwards(join('resources', 'demo')) === null ? null : dirname(upwards(join('resources', 'demo')) ?? '');
}

export function productVersion(): string {
  for (let folder = here; dirname(folder) !== folder; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (!existsSync(file)) continue;
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof value === 'object' && value !== null && 'name' in value && value.name === 'anneal' && 'version' in value) return String(value.version);
  }
  return 'unknown';
}
