/** A child process for tests: serves the echo contract on every channel, can crash on demand (`crash` channel), and exits when its parent lets go. */
import { connectParent } from '../../src/shared/rpc/process-channel.ts';
import { createServer } from '../../src/shared/rpc/server.ts';
import { echoContract, echoService } from './echo.ts';

const parent = connectParent(process), server = createServer(echoContract, echoService, { version: 'echo' });
parent.onChannel((label, channel) => {
  if (label === 'crash') process.abort();
  if (label === 'exit') process.exit(3);
  server.accept(channel);
});
parent.onClose(() => { if (process.env['ECHO_STUBBORN'] === undefined) process.exit(0); });
if (process.env['ECHO_STUBBORN'] !== undefined) setInterval(() => undefined, 1000);
