/** The data folder: where it is and what lies in it. Everything that Anneal keeps is under it; models that a person imports stay where they are. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';

/**
 * Layout:
 *   anneal.db        records, metrics, logs (SQLite, with -wal and -shm beside it)
 *   anneal.lock      held open by the one host that may write
 *   backups/         copies of anneal.db made before a migration
 *   datasets/<id>/   imported rows, one folder a version
 *   converted/<id>/  model folders made from GGUF files
 *   models/          models downloaded from a hub, one folder a commit
 *   hub-token        access token for the hub, if it is to be remembered (readable by this account only)
 *   runs/<id>/       recipe.yaml and the checkpoints of a run
 *   host.log         what the host reports
 */
export interface Home { root: string; database: string; lock: string; backups: string; datasets: string; converted: string; models: string; hubToken: string; runs: string; log: string }

/** The folder that `--home`, ANNEAL_HOME or the platform names, in this order. */
export function homeFolder(given: string | undefined, env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string {
  if (given !== undefined && given !== '') return resolve(given);
  const own = env['ANNEAL_HOME'];
  if (own !== undefined && own !== '') return resolve(own);
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Anneal');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Anneal');
  const data = env['XDG_DATA_HOME'];
  return join(data !== undefined && data !== '' ? data : join(homedir(), '.local', 'share'), 'anneal');
}

export function homeLayout(root: string): Home {
  const at = (name: string): string => join(root, name);
  return { root, database: at('anneal.db'), lock: at('anneal.lock'), backups: at('backups'), datasets: at('datasets'), converted: at('converted'), models: at('models'), hubToken: at('hub-token'), runs: at('runs'), log: at('host.log') };
}

export function createHome(root: string): Home {
  const home = homeLayout(root);
  try { for (const folder of [home.root, home.datasets, home.runs]) mkdirSync(folder, { recursive: true }); } catch (e) {
    throw new AnnealError('file-unreadable', `The data folder "${root}" cannot be made or written (${e instanceof Error && 'code' in e ? String(e.code) : 'unknown reason'}): pick another folder with --home or ANNEAL_HOME.`, {}, { cause: e });
  }
  return home;
}
