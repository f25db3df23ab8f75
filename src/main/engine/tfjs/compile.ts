/** A graph as a program on the user's tfjs: what runtime/session gives for the device `tfjs`. */

import type { Graph } from '../graph/node.ts';
import { loadTfjs } from './load-tfjs.ts';
import { tfProgram, type TfProgram } from './program.ts';

/** Throws `unavailable` where the package is absent. */
export async function compileForTfjs(g: Graph): Promise<TfProgram> { return tfProgram(await loadTfjs(), g); }
