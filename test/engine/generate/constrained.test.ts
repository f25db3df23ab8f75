/** Grammars with real vocabularies and the real engine: masks against brute force, valid answers from a random model, one end reason when tokens run out, log-probabilities of the model itself. */

import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { GrammarSpec } from '../../../src/shared/schema/generate.ts';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { Constraint, createGenerator, fitPrompt, grammarOf, StopFilter } from '../../../src/main/engine/generate/index.ts';
import { allows } from '../../../src/main/engine/generate/grammar/index.ts';
import { openModelFolder } from '../../../src/main/engine/io/model-folder.ts';
import { parseModel } from '../../../src/main/engine/models/index.ts';
import { checkParameters } from '../../../src/main/engine/models/parameters.ts';
import { GenerateJobs, type StreamItem } from '../../../src/main/engine/services/generate-job.ts';
import { vocabularyOf } from '../../../src/main/engine/services/vocabulary.ts';
import { writeRealModel } from '../../support/real-model.ts';
import { llamaLikeFiles, tiny } from '../../data/tiny-tokenizer.ts';

const folder = writeRealModel(mkdtempSync(join(tmpdir(), 'constrained-')));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const PLAIN = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, seed: 0 };
const VERDICT: GrammarSpec = { kind: 'json_schema', schema: { type: 'object', properties: { why: { type: 'string', maxLength: 12 }, score: { type: 'integer', minimum: 1, maximum: 10 } }, required: ['why', 'score'] } };
const regex = (pattern: string): GrammarSpec => ({ kind: 'regex', pattern });

describe('masks', () => {
  const tokenizers = { 'byte-level': tiny(), sentencepiece: new Tokenizer(llamaLikeFiles(['hello', 'a', 'world', 'é', '中'])) };
  test.each(Object.entries(tokenizers))('%s: exactly the tokens whose bytes fit', (_, tokenizer) => {
    const vocabulary = vocabularyOf(tokenizer, [tokenizer.eos!.id]);
    for (const pattern of ['(hello|help) ?w.*', '[^h]{1,3}', '[éü中]+ a?', 'hello']) {
      const constraint = new Constraint(grammarOf(regex(pattern)), vocabulary);
      const fits = (text: string, id: number): boolean => {
        const state = constraint.automaton.walk(constraint.automaton.start, new TextEncoder().encode(text));
        const bytes = vocabulary.bytesOf(id);
        return bytes !== null && bytes.length > 0 && state !== null && constraint.automaton.walk(state, bytes) !== null;
      };
      for (const text of ['', 'h', 'hel', 'a', 'é', 'hello', 'help w', 'hello worl']) {
        const state = constraint.automaton.walk(constraint.automaton.start, new TextEncoder().encode(text));
        if (state === null) continue;
        const mask = constraint.maskOf(state, false);
        for (let id = 0; id < tokenizer.size; id++) expect(allows(mask, id), `${pattern} after "${text}": ${tokenizer.tokenOf(id)}`).toBe(id === tokenizer.eos!.id ? state.accepts : fits(text, id));
      }
    }
  });

  test('any allowed way through the tokens spells a text of the grammar; special tokens never, the end only where the text is whole', () => {
    fc.assert(fc.property(fc.constantFrom('byte-level', 'sentencepiece'), fc.constantFrom('[a-zé中 ]{2,9}!?', '(hello|world|é)( hello)*', '"(a|\\u00e9)*"'), fc.infiniteStream(fc.nat()), (kind, pattern, choices) => {
      const tokenizer = tokenizers[kind as keyof typeof tokenizers];
      const place = new Constraint(grammarOf(regex(pattern)), vocabularyOf(tokenizer, [tokenizer.eos!.id])).begin();
      const decoder = tokenizer.streamDecoder();
      let text = '';
      for (let n = 0; n < 60 && !place.final; n++) {
        const open = Array.from({ length: tokenizer.size }, (_, id) => id).filter((id) => allows(place.mask, id));
        expect(open.length).toBeGreaterThan(0);
        const id = open[choices.next().value % open.length]!;
        if (id === tokenizer.eos!.id) { expect(place.complete).toBe(true); break; }
        expect(tokenizer.specialIds.has(id)).toBe(false);
        text += decoder.push(id);
        place.advance(id);
      }
      if (place.complete) expect(text + decoder.flush()).toMatch(new RegExp(`^(?:${pattern})$`, 'u'));
    }), { numRuns: 60, seed: 3 });
  });

  test('a word-piece tokenizer is refused', () => {
    const tokenizer = new Tokenizer({ tokenizer: { added_tokens: [], decoder: { type: 'WordPiece', prefix: '##', cleanup: true }, model: { type: 'WordPiece', unk_token: '[UNK]', continuing_subword_prefix: '##', max_input_chars_per_word: 100, vocab: { '[UNK]': 0, a: 1 } } }, config: {}, generation: {}, template: null });
    expect(() => vocabularyOf(tokenizer, [])).toThrow(expect.objectContaining({ code: 'grammar-invalid', message: expect.stringContaining('WordPiece') }));
  });
});

describe('with the engine', () => {
  const jobs = new GenerateJobs();
  const ask = async (options: object, sampling: object = {}, prompt = 'Hello, how are you? What is your name?'): Promise<{ text: string; items: StreamItem[]; end: Extract<StreamItem, { type: 'end' }>; start: Extract<StreamItem, { type: 'start' }> }> => {
    const items: StreamItem[] = [];
    const request = { model: { folder, checkpoint: null, chat_template: null }, messages: null, prompt, threads: 1, sampling: { ...PLAIN, max_new_tokens: 120, ...sampling }, options: { stop: [], truncate: 'refuse' as const, top_logprobs: 0, grammar: null, weights: 'fp32' as const, ...options } };
    for await (const item of jobs.stream(request, new AbortController().signal)) items.push(item);
    return { items, text: items.map((i) => (i.type === 'token' ? i.text : '')).join(''), end: items.at(-1) as never, start: items[0] as never };
  };

  test('a random model answers valid JSON, for every seed, and ends by itself', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const { text, end } = await ask({ grammar: VERDICT }, { temperature: 1.5, seed });
      expect(end).toMatchObject({ complete: true, reason: 'stop' });
      const value = JSON.parse(text) as { why: string; score: number };
      expect(Object.keys(value)).toEqual(['why', 'score']);
      expect(Array.from(value.why).length).toBeLessThanOrEqual(12);
      expect(value.score >= 1 && value.score <= 10).toBe(true);
    }
  });
  test('a regular expression is matched as a whole', async () => {
    const { text, end } = await ask({ grammar: regex('(yes|no), because [a-z ]{3,20}\\.') });
    expect(text).toMatch(/^(yes|no), because [a-z ]{3,20}\.$/);
    expect(end).toMatchObject({ cause: 'grammar', complete: true });
  });
  test('too few tokens: max_tokens, and not complete', async () => {
    const { end } = await ask({ grammar: regex('[a-z]{50}') }, { max_new_tokens: 3 });
    expect(end).toMatchObject({ cause: 'max_tokens', reason: 'length', complete: false, tokens: 3 });
  });
  test('stop strings end the answer across tokens, and are not part of it', async () => {
    const { text } = await ask({}, { max_new_tokens: 30 });
    const stop = Array.from(text).slice(8, 14).join('');
    const stopped = await ask({ stop: [stop, 'never there'] }, { max_new_tokens: 30 });
    expect(stopped.text).toBe(text.slice(0, text.indexOf(stop)));
    expect(stopped.end).toMatchObject({ cause: 'stop_string', stop_string: stop, reason: 'stop' });
  });
  test('log-probabilities of the k likeliest: the one taken is among them, they fall, and sum up to less than one', async () => {
    const { items } = await ask({ top_logprobs: 5, grammar: null }, { max_new_tokens: 6 });
    for (const item of items) {
      if (item.type !== 'token' || item.id < 0) continue;
      expect(item.top!.length).toBe(5);
      expect(item.top![0]).toMatchObject({ id: item.id });
      expect(item.top![0]!.logprob).toBeCloseTo(item.logprob, 4);
      expect(item.top!.reduce((s, t) => s + Math.exp(t.logprob), 0)).toBeLessThan(1);
      expect(item.top!.map((t) => t.logprob)).toEqual(item.top!.map((t) => t.logprob).toSorted((a, b) => b - a));
    }
  });
  test('too long prompts are refused, or cut where it was asked, and it is said', async () => {
    const long = 'Hello there. '.repeat(200);
    await expect(ask({}, {}, long)).rejects.toMatchObject({ code: 'bad-request', message: expect.stringContaining('cut it at the left') });
    for (const truncate of ['left', 'right'] as const) {
      const { start } = await ask({ truncate }, { max_new_tokens: 5 }, long);
      expect(start.prompt_tokens).toBe(256 - 5);
      expect(start.cut).toMatchObject({ side: truncate });
    }
  });
  test('bad grammars are refused before anything is generated', async () => {
    await expect(ask({ grammar: regex('a(?=b)') })).rejects.toMatchObject({ code: 'grammar-invalid' });
    await expect(ask({ grammar: { kind: 'json_schema', schema: { not: {} } } })).rejects.toMatchObject({ code: 'grammar-invalid', params: { keyword: 'not', path: '#' } });
  });
  test('rows with a grammar do not depend on their neighbours', async () => {
    const source = openModelFolder(folder);
    const model = parseModel(source.config);
    const tokenizer = await Tokenizer.load(folder);
    const constraint = new Constraint(grammarOf(VERDICT), vocabularyOf(tokenizer, tokenizer.stopIds));
    const generator = createGenerator({ model, weights: checkParameters(model, source.tensors) }, { threads: 1 });
    const prompts = ['Hi', 'What is it? And why?', 'The mill'].map((p) => tokenizer.encode(p));
    const request = { sampling: { ...PLAIN, temperature: 1, seed: 4 }, maxNewTokens: 100, stopIds: tokenizer.stopIds, constraint };
    const together = await generator.generateBatch({ ...request, prompts });
    for (const [i, prompt] of prompts.entries()) expect((await generator.generateBatch({ ...request, prompts: [prompt], firstSequence: i }))[0]!.tokens).toEqual(together[i]!.tokens);
    expect(together.every((r) => r.complete === true)).toBe(true);
    await generator.dispose();
  });
});

describe('stop filter', () => {
  test('gives out the text before the first stop, however it is cut into pieces', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'aab', ''), { maxLength: 12 }), fc.array(fc.constantFrom('ab', 'aab', 'bb', 'bab', 'x'), { maxLength: 3 }), (pieces, stops) => {
      const filter = new StopFilter(stops);
      let out = '';
      for (const p of pieces) out += filter.push(p);
      out += filter.flush();
      const text = pieces.join('');
      // The first moment at which any stop string has been seen decides; before it nothing of a stop is given out.
      const ends = stops.map((s) => text.indexOf(s)).filter((i) => i >= 0);
      if (ends.length === 0) { expect(out).toBe(text); expect(filter.stopped).toBe(null); } else {
        expect(filter.stopped).not.toBe(null);
        expect(text.startsWith(out + filter.stopped!)).toBe(true);
        expect(stops.some((s) => out.includes(s))).toBe(false);
      }
    }), { numRuns: 500, seed: 5 });
  });
});

describe('prompts that do not fit', () => {
  const ids = [7, 1, 2, 3, 4, 5, 6];
  test.each<[string, Parameters<typeof fitPrompt>, unknown]>([
    ['fit', [ids, 10, 3, 'left', null], { ids, cut: null }],
    ['left', [ids, 10, 5, 'left', null], { ids: [2, 3, 4, 5, 6], cut: { side: 'left', tokens: 2 } }],
    ['left keeps a BOS', [ids, 10, 5, 'left', 7], { ids: [7, 3, 4, 5, 6], cut: { side: 'left', tokens: 2 } }],
    ['right', [ids, 10, 5, 'right', 7], { ids: [7, 1, 2, 3, 4], cut: { side: 'right', tokens: 2 } }],
    ['refuse only what the model cannot read', [ids, 10, 50, 'refuse', null], { ids, cut: null }],
  ])('%s', (_, given, wanted) => { expect(fitPrompt(...given)).toEqual(wanted); });
  test('no room', () => { expect(() => fitPrompt(ids, 10, 10, 'left', null)).toThrow(/leave no room/); });
});
