/** Asks V8 for a full collection: building a step graph leaves a hundred megabytes of garbage right before the native side needs its peak. Called once per compiled program, never in a step. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

export function collectGarbage(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    collect = typeof found === 'function' ? () => { (found as (options: object) => void)({ type: 'major', execution: 'sync', flavor: 'last-resort' }); } : () => undefined;
  }
  collect();
}
