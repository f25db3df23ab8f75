/** Runs a check in a process of its own, since a driver may end it, and reads the JSON lines that it prints. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';

export interface ChildRun<T> { records: T[]; code: number | null; signal: NodeJS.Signals | null; errors: string }

export function runChild<T>(file: string, env: Record<string, string>, args: readonly string[] = []): Promise<ChildRun<T>> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], { env: { ...process.env, ...env, ORT_DISABLE_TELEMETRY: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '', errors = '';
    child.stdout.setEncoding('utf8').on('data', (s: string) => { out += s; });
    child.stderr.setEncoding('utf8').on('data', (s: string) => { errors = (errors + s).slice(-4000); });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const records = out.split('\n').flatMap((line): T[] => { try { return line === '' ? [] : [JSON.parse(line) as T]; } catch { return []; } });
      resolve({ records, code, signal, errors });
    });
  });
}
