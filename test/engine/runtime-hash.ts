/** Prints the hash of one run of the determinism step; started as a process of its own by runtime.test.ts. */

import { createHash } from 'node:crypto';
import { compile } from '../../src/main/engine/runtime/session.ts';
import { stepGraph } from './runtime-step.ts';

const { g, feeds } = stepGraph();
const program = await compile(g, { threads: 2 });
const h = createHash('sha256');
for (const r of Object.values(await program.run(feeds))) h.update(Buffer.from(r.data.buffer, r.data.byteOffset, r.data.byteLength));
process.stdout.write(h.digest('hex'));
