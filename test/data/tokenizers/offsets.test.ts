/** Offsets and streaming on the 1,000 strings: where the walk explains a text, spans are in order, cover every character that left a trace, and each token's span spells the token. */
import { describe, expect, it } from 'vitest';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import { STRINGS, tokenizerFixture } from './fixture.ts';

const open = (style: string): Tokenizer => { const f = tokenizerFixture(style); return new Tokenizer({ tokenizer: f.tokenizer, config: f.config, generation: {}, template: null }); };

describe.each([['gpt2', 1000], ['smollm', 1000], ['llama3', 1000], ['o200k', 1000], ['qwen', 990], ['llama2', 985], ['llama2-metaspace', 985], ['gemma', 985]])('%s', (style, least) => {
  const t = open(style);
  it(`explains at least ${least} of 1,000 strings, and those without a gap`, () => {
    let explained = 0;
    const wrong: string[] = [];
    for (const s of STRINGS) {
      const ids = t.encode(s), o = t.offsets(s, ids);
      if (!o) continue;
      explained++;
      let at = 0;
      const seen = new Uint8Array(s.length);
      ids.forEach((_, i) => {
        const [a, b] = [o.start[i] ?? -1, o.end[i] ?? -1];
        if (b < a || b < at || a < 0 || b > s.length) wrong.push(`${JSON.stringify(s)}: token ${i} spans ${a} to ${b} after ${at}`);
        at = b;
        seen.fill(1, a, b);
      });
      const gap = Array.from(s, (c) => c).length > 0 ? seen.findIndex((x, i) => x === 0 && !/\s/.test(s.charAt(i))) : -1;
      if (gap >= 0) wrong.push(`${JSON.stringify(s)}: no token for character ${gap}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(explained).toBeGreaterThanOrEqual(least);
  });
  it('streams what decode gives, for every string', () => {
    const wrong = STRINGS.filter((s) => {
      const ids = t.encode(s, { addSpecial: false }), stream = t.streamDecoder({ skipSpecial: false });
      return ids.map((id) => stream.push(id)).join('') + stream.flush() !== t.decode(ids);
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});
