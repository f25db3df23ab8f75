/** From the words that were typed to a command and its options; every mistake is one sentence with the nearest right word. */
import { parseArgs } from 'node:util';
import { AnnealError } from '../../shared/errors.ts';
import { nearestName } from '../../shared/schema/recipe-issues.ts';
import type { Command, CommandOption, Invocation, Io } from './command.ts';

export const GLOBAL: Record<string, CommandOption> = {
  home: { type: 'string', value: 'dir', help: 'data folder; default: ANNEAL_HOME, else the platform\'s' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
};

/** The command that the first one or two words name. */
export function findCommand(commands: readonly Command[], words: readonly string[]): { command: Command; rest: string[] } {
  const [first = '', second] = words;
  const two = commands.find((c) => c.name === `${first} ${second ?? ''}`);
  if (two) return { command: two, rest: words.slice(2) };
  const one = commands.find((c) => c.name === first);
  if (one) return { command: one, rest: words.slice(1) };
  const family = commands.filter((c) => c.name.startsWith(`${first} `));
  if (family.length > 0) throw new AnnealError('bad-request', `${first} needs a second word: ${family.map((c) => c.name).join(', ')}.`);
  const nearest = nearestName(first, commands.flatMap((c) => [c.name, c.name.split(' ')[0] ?? '']));
  throw new AnnealError('bad-request', `There is no command "${first}".${nearest === undefined ? ' See --help.' : ` Did you mean ${nearest}?`}`);
}

export function parseCall(command: Command, words: string[], io: Io): Invocation & { help: boolean } {
  const options = { ...command.options, ...GLOBAL };
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: words, options, allowPositionals: true, strict: true });
  } catch (e) { throw mistake(command, e, Object.keys(options)); }
  const { values, positionals } = parsed, [least, most] = command.positionals, help = values['help'] === true;
  if (!help && positionals.length < least) throw new AnnealError('bad-request', `${command.name} needs ${command.takes}: see ${command.name} --help.`);
  if (!help && positionals.length > most) throw new AnnealError('bad-request', `${command.name} does not know what to do with "${positionals[most] ?? ''}": see ${command.name} --help.`);
  const text = (name: string): string | undefined => { const v = values[name]; return typeof v === 'string' ? v : undefined; };
  return {
    positionals, help, home: text('home'), io, text, flag: (name) => values[name] === true,
    texts: (name) => { const v = values[name]; return Array.isArray(v) ? v.map(String) : typeof v === 'string' ? [v] : []; },
    number: (name) => {
      const given = text(name);
      if (given === undefined) return undefined;
      const n = Number(given);
      if (given.trim() === '' || !Number.isFinite(n)) throw new AnnealError('bad-request', `--${name} must be a number, not "${given}".`);
      return n;
    },
  };
}

function mistake(command: Command, e: unknown, known: string[]): unknown {
  const code = e instanceof Error && 'code' in e ? String(e.code) : '', message = e instanceof Error ? e.message : '';
  const option = /'(-{1,2}[^' ]+)/.exec(message)?.[1] ?? '';
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const nearest = nearestName(option.replace(/^-+/, ''), known);
    return new AnnealError('bad-request', `${command.name} has no option ${option}.${nearest === undefined ? ` See ${command.name} --help.` : ` Did you mean --${nearest}?`}`);
  }
  if (code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return new AnnealError('bad-request', `${command.name}: ${message.split('\n')[0] ?? ''}`);
  return e;
}

/** `name=value` pairs of an option that may be repeated. */
export function pairs(texts: readonly string[], option: string): [string, string][] {
  return texts.map((text) => {
    const at = text.indexOf('=');
    if (at < 1) throw new AnnealError('bad-request', `--${option} wants name=value, not "${text}".`);
    return [text.slice(0, at), text.slice(at + 1)];
  });
}

export function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, ...GLOBAL }).map(([name, o]) => [`  ${o.short === undefined ? '' : `-${o.short}, `}--${name}${o.value === undefined ? '' : ` <${o.value}>`}`, o.help] as const);
  const width = Math.max(...rows.map(([a]) => a.length)) + 2;
  return [`anneal ${command.name}${command.takes === '' ? '' : ` ${command.takes}`} [options]`, '', command.summary, ...(command.details === undefined ? [] : ['', command.details]), '', 'Options:', ...rows.map(([a, b]) => a.padEnd(width) + b)].join('\n');
}

export function helpOfAll(commands: readonly Command[]): string {
  const rows = commands.map((c) => [`  ${c.name}${c.takes === '' ? '' : ` ${c.takes}`}`, c.summary] as const), width = Math.max(...rows.map(([a]) => a.length)) + 2;
  return ['anneal <command> [options]', '', 'Post-training of language models on this machine, without Python and without a network.', '', 'Commands:', ...rows.map(([a, b]) => a.padEnd(width) + b), '', 'Every command takes --home <dir> and --help; anneal --version prints the version.'].join('\n');
}
