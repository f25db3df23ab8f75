/** Pairs and labelled answers as token ids: boundaries, truncation, EOS, what is refused, mismatched answers, statistics and both sides in the mask view. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerView } from '../../src/main/data/encode/answer-view.ts';
import { reviewAnswers } from '../../src/main/data/encode/answer-review.ts';
import { AnswerEncoder, type EncodedAnswer } from '../../src/main/data/encode/answers.ts';
import { labelledRows, mismatchedAnswers, type SourcedRow } from '../../src/main/data/encode/judged.ts';
import { chooseTemplate } from '../../src/main/data/templates/builtin.ts';
import type { ChatTemplate } from '../../src/main/data/templates/chat-template.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import type { CanonicalRow, PreferenceRow } from '../../src/shared/formats.ts';

let tokenizer: Tokenizer, template: ChatTemplate | null;
beforeAll(async () => {
  tokenizer = await Tokenizer.load(join(import.meta.dirname, '../../resources/demo/model'));
  template = chooseTemplate(tokenizer, null);
});
const encoder = (max_length = 512, reward = false): AnswerEncoder => new AnswerEncoder(tokenizer, template, { max_length, reward });
const pair = (prompt: PreferenceRow['prompt'], chosen: PreferenceRow['chosen'], rejected: PreferenceRow['rejected']): CanonicalRow => ({ kind: 'preference', prompt, chosen, rejected });
const turn = (role: string, content: string) => ({ role, content });
const talk = pair([turn('user', 'How are you?')], [turn('assistant', 'Well, thank you.')], [turn('assistant', 'No.')]);
const ids = (a: EncodedAnswer | undefined, from = 0): number[] => [...(a?.ids ?? [])].slice(from);

describe('encoding', () => {
  test('text: the prompt alone, then prompt with answer; EOS is appended where it is missing', () => {
    const { answers, truncated, separate } = encoder().encode(pair('Say it.', ' Yes, sir.', ` No${tokenizer.eos!.content}`));
    const prompt = tokenizer.encode('Say it.');
    expect([truncated, separate]).toEqual([false, false]);
    expect(answers.map((a) => a.prompt)).toEqual([prompt.length, prompt.length]);
    expect(ids(answers[0])).toEqual(tokenizer.encode(`Say it. Yes, sir.${tokenizer.eos!.content}`));
    expect(ids(answers[1])).toEqual(tokenizer.encode(`Say it. No${tokenizer.eos!.content}`));
    expect(answers.every((a) => a.ids.at(-1) === tokenizer.eos!.id && a.hasStop)).toBe(true);
  });
  test('turns: the prompt ends with the generation prompt and the template ends the answer', () => {
    const { answers } = encoder().encode(talk);
    const prompt = tokenizer.encode(template!.render([turn('user', 'How are you?')], { addGenerationPrompt: true }), { addSpecial: false });
    expect(ids(answers[0]).slice(0, answers[0]!.prompt)).toEqual(prompt);
    expect(tokenizer.decode(ids(answers[1], prompt.length), { skipSpecial: true }).trim()).toBe('No.');
    expect(answers.every((a) => a.hasStop)).toBe(true);
  });
  test('a token across the boundary makes the row separate, and the answer still begins after the prompt\'s own length', () => {
    const text = 'the answer is interesting and understandable';
    const split = Array.from({ length: text.length }, (_, i) => [text.slice(0, i), text.slice(i)] as const).slice(1)
      .find(([a, b]) => { const alone = tokenizer.encode(a), joint = tokenizer.encode(a + b); return b.trim() !== '' && a.trim() !== '' && !alone.every((id, i) => id === joint[i]); });
    expect(split).toBeDefined();
    const example = encoder().encode(pair(split![0], split![1], 'x'));
    expect(example.separate).toBe(true);
    expect(example.answers[0]!.prompt).toBe(tokenizer.encode(split![0]).length);
  });
  test('every prompt with answer is cut at its end; a prompt that fills max_length leaves nothing', () => {
    const whole = encoder().encode(talk).answers[0]!;
    const cut = encoder(whole.prompt + 2).encode(talk);
    expect(cut).toMatchObject({ truncated: true, tooLong: false });
    expect(ids(cut.answers[0])).toEqual(ids(whole).slice(0, whole.prompt + 2));
    expect(encoder(whole.prompt).encode(talk).tooLong).toBe(true);
  });
  test('reward: one text, no boundary but what both begin with, never cut', () => {
    const { answers, columns, tooLong } = encoder(512, true).encode({ ...(talk as PreferenceRow), margin: 0.25 });
    expect(columns).toEqual({ margin: 0.25 });
    expect(tooLong).toBe(false);
    const n = answers[0]!.prompt;
    expect(n).toBeGreaterThan(0);
    expect(ids(answers[0]).slice(0, n)).toEqual(ids(answers[1]).slice(0, n));
    expect(ids(answers[0])[n]).not.toBe(ids(answers[1])[n]);
    expect(encoder(answers[0]!.ids.length - 1, true).encode(talk).tooLong).toBe(true);
    expect(encoder(512, true).encode(pair('', 'good', 'bad')).answers).toHaveLength(2);
  });
  test.each<[string, CanonicalRow, RegExp]>([
    ['no prompt', pair('', 'a', 'b'), /no prompt/], ['no turns', pair([], [turn('assistant', 'a')], [turn('assistant', 'b')]), /no prompt/], ['an empty answer', pair('q', 'a', ' '), /The rejected answer is empty/],
    ['no judgement', { kind: 'text', text: 'a' }, /no judged answers/],
  ])('%s is refused', (_name, row, message) => { expect(() => encoder().encode(row)).toThrow(message); });
  test('two same answers are told', () => { expect(encoder().encode(pair('q', 'a', 'a')).identical).toBe(true); });
});

test('pairs come apart in blocks: good answers first, then bad ones', async () => {
  const rows = Array.from({ length: 1001 }, (_, i) => pair(`q${i}`, 'a', 'b'));
  const out: SourcedRow[] = [];
  for await (const r of labelledRows(rows)) out.push(r);
  expect(out).toHaveLength(2002);
  expect(out.map(({ row }) => row.kind === 'unpaired-preference' && row.label)).toEqual([...Array<boolean>(1000).fill(true), ...Array<boolean>(1000).fill(false), true, false]);
  expect([out[1000]!.source, out[2001]!.source]).toEqual([0, 1000]);
});

test('mismatched answers rotate within blocks of the batch', () => {
  const answers = Array.from({ length: 7 }, (_, i): EncodedAnswer => ({ ids: Int32Array.from([i, 10 + i, 20 + i]), prompt: 1, total: 3, hasStop: true, warnings: [] }));
  const made = (own = false): number[][] => mismatchedAnswers(answers, 3, 100, { own }).map((a) => [...a.ids]);
  expect(made()).toEqual([[0, 11, 21], [1, 12, 22], [2, 10, 20], [3, 14, 24], [4, 15, 25], [5, 13, 23], [6, 15, 25]]);
  expect(made(true)[6]).toEqual([6, 16, 26]); // TRL's way for a block of one
  expect([...mismatchedAnswers(answers, 2, 2)[0]!.ids]).toEqual([0, 11]);
  expect(() => mismatchedAnswers(answers, 1, 9)).toThrow(RangeError);
});

test('statistics count what is left out and what the lengths say', async () => {
  const rows = [pair('q', ' a much longer answer', ' b'), pair('q', ' a', ' a'), pair('q', '', 'b'), pair('q', ' b', ' a much longer answer'), pair('q', ' see', ' sea')];
  async function* all(): AsyncGenerator<SourcedRow> { for (const [source, row] of rows.entries()) yield { row, source }; }
  const seen: number[] = [];
  const review = await reviewAnswers(all(), encoder(), { visit: (_, source) => { seen.push(source); } });
  expect(seen).toEqual([0, 3, 4]);
  expect(review).toMatchObject({ rows: 5, failed: 1, zero_trained: 1, preference: { pairs: 4, identical: 1, too_long: 0 } });
  expect(review.failures[0]).toMatchObject({ line: 3, message: 'The chosen answer is empty; give it a text, or leave the row out.' });
  const longer = [' see', ' sea'].map((t) => tokenizer.encode(`q${t}`).length);
  expect(review.preference.chosen_longer).toBeCloseTo((1 + (longer[0]! > longer[1]! ? 1 : longer[0] === longer[1] ? 0.5 : 0)) / 3, 10);
});

test('the mask view shows both sides, and of a reward model only the last token', () => {
  const view = answerView(encoder(), talk, 4);
  expect(view.answers?.map((a) => [a.role, a.tokens.map((t) => t.text).join('').trim().startsWith(a.role === 'chosen' ? 'Well, thank you.' : 'No.')])).toEqual([['chosen', true], ['rejected', true]]);
  expect(view.tokens.every((t) => t.kind !== 'trained')).toBe(true);
  expect(view.total).toBe(view.tokens.length + view.answers!.reduce((n, a) => n + a.tokens.length, 0));
  expect(view.trained + view.context + view.cut).toBe(view.total);
  expect(answerView(encoder(), talk, 0, { promptTrained: true }).tokens.slice(1).every((t) => t.kind === 'trained')).toBe(true);
  expect(answerView(encoder(512, true), talk, 0).answers?.map((a) => a.trained)).toEqual([1, 1]);
});
