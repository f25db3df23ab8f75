/** Runs one command line: words in, exit status out. Every failure is one sentence on the error stream. */
import { errorShape } from '../../shared/errors.ts';
import { productVersion } from '../host/resources.ts';
import type { Io } from './command.ts';
import { COMMANDS } from './index.ts';
import { findCommand, helpOf, helpOfAll, parseCall } from './parse.ts';

export async function runCommandLine(words: readonly string[], io: Io): Promise<number> {
  try {
    // Global options may stand before the command.
    const at = words.findIndex((w, i) => !w.startsWith('-') && words[i - 1] !== '--home');
    if (at < 0) {
      if (words.includes('--version')) { io.out(`${productVersion()}\n`); return 0; }
      const asked = words.includes('--help') || words.includes('-h');
      if (asked) io.out(`${helpOfAll(COMMANDS)}\n`); else io.err(`${helpOfAll(COMMANDS)}\n`);
      return asked ? 0 : 2;
    }
    const { command, rest } = findCommand(COMMANDS, words.slice(at));
    const call = parseCall(command, [...words.slice(0, at), ...rest], io);
    if (call.help) { io.out(`${helpOf(command)}\n`); return 0; }
    return await command.run(call);
  } catch (e) {
    const { code, message } = errorShape(e);
    io.err(`error ${code}: ${message}\n`);
    if (code === 'internal' && process.env['ANNEAL_DEBUG'] !== undefined && e instanceof Error) io.err(`${e.stack ?? ''}\n`);
    return code === 'bad-request' ? 2 : 1;
  }
}
