/** Child process of the memory benchmark: runs one case through the real loop and prints the resident memory that the system counted. Argument: the case as JSON. */

import { readFileSync } from 'node:fs';
import { measured, type PlanCase } from './plan-case.ts';

/** Peak and present resident bytes of this process (Linux). */
export function residentNow(): { peak: number; now: number; anonymous: number; file: number } {
  const text = readFileSync('/proc/self/status', 'utf8');
  const of = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(text)?.[1] ?? 0) * 1024;
  return { peak: of('VmHWM'), now: of('VmRSS'), anonymous: of('RssAnon'), file: of('RssFile') };
}

const given = process.argv[2];
if (given !== undefined && process.argv[1]?.endsWith('plan-child.ts') === true) process.stdout.write(`${JSON.stringify(await measured(JSON.parse(given) as PlanCase, residentNow))}\n`);
