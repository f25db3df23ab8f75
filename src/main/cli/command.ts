/** What a command of the command line declares. One object a command, in a file of its own under commands/, one line in index.ts; help texts derive from it. */
import type { ParseArgsOptionDescriptor } from 'node:util';

export interface CommandOption extends ParseArgsOptionDescriptor {
  /** How the value is shown: `--name <value>`. Only for options that take one. */
  value?: string;
  help: string;
}
export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** A screen that can redraw a line, or a pipe. */
  tty: boolean;
  columns(): number;
}
export interface Invocation {
  positionals: string[];
  text(name: string): string | undefined;
  texts(name: string): string[];
  flag(name: string): boolean;
  /** Throws `bad-request` when it is not a number. */
  number(name: string): number | undefined;
  home: string | undefined;
  io: Io;
}
export interface Command {
  /** One or two words, as typed. */
  name: string;
  /** What follows the name: `<folder>`. */
  takes: string;
  /** How many words may follow: least and most. */
  positionals: readonly [number, number];
  summary: string;
  /** More lines for `--help`. */
  details?: string;
  options: Record<string, CommandOption>;
  /** Gives the exit status; 0 only on success. */
  run(call: Invocation): Promise<number>;
}
