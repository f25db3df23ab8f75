/** 1,000 strings over all Unicode planes through tokenizer files in the styles of the model families: ids and texts equal those of transformers' fast tokenizers (recorded by test/oracle/make_tokenizers.py). */
import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { STRINGS, STYLES, tokenizerFixture } from './fixture.ts';

it('has what it claims', () => {
  expect(STRINGS).toHaveLength(1000);
  expect(new Set(STRINGS.flatMap((s) => Array.from(s, (c) => (c.codePointAt(0) ?? 0) >> 16))).size).toBe(17);
  expect(STYLES).toEqual(expect.arrayContaining(['gpt2', 'llama2', 'llama3', 'qwen', 'gemma', 'bert', 't5']));
});

/** The first few that differ, in words; failing with a thousand lines helps nobody. */
function differences<T>(list: readonly T[], ours: (item: T, i: number) => unknown, theirs: (item: T, i: number) => unknown): string[] {
  const out: string[] = [];
  list.forEach((item, i) => {
    const [a, b] = [JSON.stringify(ours(item, i)), JSON.stringify(theirs(item, i))];
    if (a !== b) out.push(`${i} ${JSON.stringify(item).slice(0, 200)}\n ours   ${a.slice(0, 300)}\n theirs ${b.slice(0, 300)}`);
  });
  return out.length > 5 ? [...out.slice(0, 5), `and ${out.length - 5} more`] : out;
}

describe.each(STYLES)('%s', (style) => {
  const f = tokenizerFixture(style), t = new Tokenizer({ tokenizer: f.tokenizer, config: f.config, generation: {}, template: null });
  const decoded = (i: number): string => f.decoded[i] ?? STRINGS[i] ?? '';
  it('size', () => { expect(t.size).toBe(f.size); });
  it('ids', () => { expect(differences(STRINGS, (s) => t.encode(s, { addSpecial: false }), (_, i) => f.ids[i])).toEqual([]); });
  it('ids with the tokens that it adds', () => { expect(differences(STRINGS, (s) => t.encode(s), (_, i) => [...f.prefix, ...(f.ids[i] ?? []), ...f.suffix])).toEqual([]); });
  it('text', () => { expect(differences(f.ids, (ids) => t.decode(ids, { cleanUp: false }), (_, i) => decoded(i))).toEqual([]); });
  it('text without special tokens', () => { expect(differences(f.ids, (ids) => t.decode([...f.prefix, ...ids, ...f.suffix], { skipSpecial: true, cleanUp: false }), (_, i) => f.skipped[i] ?? decoded(i))).toEqual([]); });
  it('text cleaned up', () => { expect(differences(f.ids, (ids) => t.decode(ids, { cleanUp: true }), (_, i) => f.cleaned[i] ?? decoded(i))).toEqual([]); });
  it('text as the config says', () => { expect(differences(f.ids, (ids) => t.decode(ids), (_, i) => f.default[i] ?? decoded(i))).toEqual([]); });
  it('text of random tokens', () => {
    expect(differences(f.noise, (ids) => t.decode(ids, { cleanUp: false }), (_, i) => f.noise_decoded[i])).toEqual([]);
    expect(differences(f.noise, (ids) => t.decode(ids, { skipSpecial: true, cleanUp: false }), (_, i) => f.noise_skipped[i])).toEqual([]);
  });
});
