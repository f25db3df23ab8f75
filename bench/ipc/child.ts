/** Stands where the host stands: a plain Node process that serves the benchmark's contract on every channel. */
import { connectParent } from '../../src/shared/rpc/process-channel.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { ipcContract } from './contract.ts';

const server = createServer(ipcContract, {
  ping: ({ n }) => n,
  events: async function* events({ total, batch }) {
    for (let step = 0; step < total; step += batch) {
      yield Array.from({ length: Math.min(batch, total - step) }, (_, i) => ({ step: step + i, values: { loss: 2 + Math.sin(step + i), learning_rate: 1e-4, grad_norm: 0.7 } }));
    }
  },
}, { checkOutputs: false });
const parent = connectParent(process);
parent.onChannel((_label, channel) => { server.accept(channel); });
parent.onClose(() => process.exit(0));
