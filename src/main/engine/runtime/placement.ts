/** Which provider ran which node, read from onnxruntime's own profile of a run. For tests and the devices' self-test: a profile slows every node down. */

import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { AnnealError } from '../../../shared/errors.ts';

export interface PlacedNode { readonly name: string; readonly op: string; readonly provider: string }

/** A folder for a profile, and what it holds after the program was disposed (that is when it is complete). */
export interface PlacementRecorder { readonly profile: string; read(): PlacedNode[] }

export function recordPlacement(): PlacementRecorder {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-profile-'));
  return { profile: join(folder, 'p'), read() { try { return readPlacement(join(folder, 'p')); } finally { rmSync(folder, { recursive: true, force: true }); } } };
}

/** Distinct nodes of the profile that was written with this path prefix. */
export function readPlacement(prefix: string): PlacedNode[] {
  const file = readdirSync(dirname(prefix)).find((f) => f.startsWith(basename(prefix)) && f.endsWith('.json'));
  if (file === undefined) throw new AnnealError('file-not-found', `onnxruntime wrote no profile beginning with ${prefix}; dispose the program before its profile is read.`, { path: prefix });
  const events = JSON.parse(readFileSync(join(dirname(prefix), file), 'utf8')) as { cat?: string; name?: string; args?: { op_name?: string; provider?: string } }[];
  const nodes = new Map<string, PlacedNode>();
  for (const { cat, name = '', args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.provider === undefined) continue;
    const node = name.slice(0, -'_kernel_time'.length);
    nodes.set(node, { name: node, op: args.op_name ?? '', provider: args.provider });
  }
  return [...nodes.values()];
}

/** Nodes that were not run by the device itself: executed on the CPU, or copying between the two. */
export const offDevice = (nodes: readonly PlacedNode[]): PlacedNode[] => nodes.filter((n) => n.provider === 'CPUExecutionProvider' || n.op.startsWith('Memcpy'));
