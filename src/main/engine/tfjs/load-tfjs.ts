/**
 * The user's own tfjs for Node: an optional peer dependency, loaded when the device is chosen and never before. Its last release (4.22, TensorFlow 2.9) calls two functions of Node's `util`
 * that Node 23 removed; they are put back before it loads. See docs/how-to/tfjs.md.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AnnealError } from '../../../shared/errors.ts';
import type { Tf } from './tf.ts';

export const TFJS_PACKAGE = '@tensorflow/tfjs-node-gpu';
const ABSENT = `The package ${TFJS_PACKAGE} is not installed: run "npm install --no-save ${TFJS_PACKAGE}" in Anneal's folder (it brings TensorFlow 2.9, which needs CUDA 11 and cuDNN 8), or choose another device.`;

let loaded: Promise<Tf> | undefined;

/** For tests, which run the executor on tfjs' own CPU backend: what `loadTfjs` gives from now on. */
export function provideTfjs(tf: Tf | undefined): void { loaded = tf && Promise.resolve(tf); }

const ownRequire = (): NodeJS.Require => createRequire(join(process.cwd(), 'package.json'));

/** Null where the package is installed; otherwise what to do, in one sentence. */
export function tfjsAbsence(): string | null {
  if (loaded !== undefined) return null;
  try { ownRequire().resolve(TFJS_PACKAGE); } catch { return ABSENT; }
  return null;
}

/** Throws `unavailable` where the package is absent, or when its native library does not load. */
export async function loadTfjs(): Promise<Tf> {
  loaded ??= load();
  try { return await loaded; } catch (cause) {
    loaded = undefined;
    throw cause;
  }
}

async function load(): Promise<Tf> {
  const require = ownRequire();
  let path: string;
  try { path = require.resolve(TFJS_PACKAGE); } catch (cause) { throw new AnnealError('unavailable', ABSENT, { package: TFJS_PACKAGE }, { cause }); }
  restoreUtil(require('node:util') as Record<string, unknown>);
  try {
    const module = (await import(pathToFileURL(path).href)) as { default?: Tf } & Tf;
    const tf = module.default ?? module;
    await tf.ready();
    return tf;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new AnnealError('unavailable', `${TFJS_PACKAGE} is installed but does not load here (${text.split('\n')[0] ?? ''}); docs/how-to/tfjs.md lists what it needs, or choose another device.`, { package: TFJS_PACKAGE }, { cause });
  }
}

/** What tfjs for Node 4.22 still calls. */
function restoreUtil(util: Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (x: unknown): boolean => x === null || x === undefined;
  util['isArray'] ??= Array.isArray;
}
