/** How the death of an engine reads to a person: one sentence. */
import type { ChildExit } from '../supervise/spawner.ts';

/** `because`: why the host ended it, as a sentence. */
export type EngineExit = ChildExit & { because?: string };

export function describeExit({ code, signal, reason, tail, because }: EngineExit): string {
  if (because !== undefined) return because;
  if (reason === 'memory') return 'The engine ran out of memory.';
  if (reason === 'not-started') return 'The engine could not be started.';
  if (signal === 'SIGKILL' || code === 137) return 'The engine was killed, by somebody or because memory ran out.';
  if (signal === 'SIGABRT' || code === 134) return 'The engine aborted inside its native code.';
  if (signal === 'SIGSEGV' || signal === 'SIGBUS' || signal === 'SIGILL' || code === 139) return `The engine crashed inside its native code (${signal ?? `status ${code ?? 0}`}).`;
  if (signal !== null) return `The engine was ended by ${signal}.`;
  if (code === 0) return 'The engine ended without being asked to.';
  const last = cause(tail);
  return `The engine stopped with status ${code ?? 'unknown'}${last === undefined ? '' : `: ${last.slice(0, 200)}`}.`;
}

/** Of its last words the error, not the stack below it. */
function cause(tail: readonly string[]): string | undefined {
  return tail.findLast((line) => /Error\b.*:/.test(line)) ?? tail.findLast((line) => line.trim() !== '');
}
