/** An example as a token tree: the prompt once, a child per completion. Where the prompt's ids differ between completions (a token spans the boundary), or there is no prompt, each completion is a root of its own: the same numbers, only more work. */

import { isExample, type ExampleRow, type TrainRow } from './example-row.ts';
import type { MethodSegment } from './method.ts';

export interface ExampleOptions {
  /** Loss rows on completion tokens (off for rewards, which only need the end). */
  losses?: boolean;
  /** Loss rows on the prompt's tokens, counted for this role's likelihood and in no sum of a completion. */
  promptLossesFor?: number;
  /** What each completion token counts in its sum, by role and place in the completion; default 1. */
  share?: (role: number, place: number, row: ExampleRow) => number;
}

export function exampleSegments(row: TrainRow, options: ExampleOptions = {}): MethodSegment[] {
  if (!isExample(row)) throw new TypeError('This method needs rows with completions.');
  const { losses = true, promptLossesFor, share } = options;
  const none = (n: number): Uint8Array => new Uint8Array(n);
  const all = (n: number): Uint8Array => new Uint8Array(n).fill(losses ? 1 : 0);
  const shares = (role: number, n: number): number[] | undefined => (share === undefined ? undefined : Array.from({ length: n }, (_, place) => share(role, place, row)));
  const { completions } = row;
  const [first] = completions;
  const prompt = first!.prompt;
  if (prompt > 0 && row.separate !== true && sharedPrompt(row)) {
    const head: MethodSegment = { parent: -1, ids: slice(first!.ids, 0, prompt), targets: promptLossesFor === undefined ? none(prompt) : all(prompt), ...(promptLossesFor === undefined ? {} : { role: promptLossesFor, shares: none(prompt) }) };
    return [head, ...completions.map((c, role): MethodSegment => {
      const n = c.ids.length - prompt;
      const part = shares(role, n);
      return { parent: 0, ids: slice(c.ids, prompt, c.ids.length), targets: all(n), role, ends: true, ...(part === undefined ? {} : { shares: part }) };
    })];
  }
  return completions.map((c, role): MethodSegment => {
    const n = c.ids.length;
    const targets = all(n);
    if (promptLossesFor !== role) targets.fill(0, 0, c.prompt);
    const part = Array.from({ length: n }, (_, i) => (i < c.prompt ? 0 : (share?.(role, i - c.prompt, row) ?? 1)));
    return { parent: -1, ids: c.ids, targets, role, shares: part, ends: true, promptTokens: c.prompt };
  });
}

export function sharedPrompt({ completions }: ExampleRow): boolean {
  const [first, ...others] = completions;
  return others.every((c) => c.prompt === first!.prompt && same(c.ids, first!.ids, c.prompt));
}

function same(a: ArrayLike<number>, b: ArrayLike<number>, n: number): boolean {
  for (let i = 0; i < n; i++) if (a[i] !== b[i]) return false;
  return true;
}

const slice = (ids: ArrayLike<number>, start: number, end: number): Int32Array => Int32Array.from({ length: end - start }, (_, i) => ids[start + i]!);
