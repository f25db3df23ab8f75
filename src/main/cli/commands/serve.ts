/** anneal serve */
import type { Command } from '../command.ts';

export const serve: Command = {
  name: 'serve', takes: '', positionals: [0, 0], summary: 'Serves the window to browsers on this machine and prints its link.',
  options: { port: { type: 'string', value: 'n', help: 'default: a free one' } },
  run: async (call) => {
    const { serveCommand } = await import('../../serve.ts');
    const port = call.text('port');
    await serveCommand([...(port === undefined ? [] : ['--port', port]), ...(call.home === undefined ? [] : ['--home', call.home])]);
    return 0;
  },
};
