import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import { llamaLikeFiles, SPLIT_THEN_BYTES, tiny, tinyFiles } from './tiny-tokenizer.ts';

const anyText = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('hello world', '<|im_start|>user\nhello<|im_end|>\n', 'e\u0301 naïve 中文 👩‍👩‍👧 \ud83d', '  two  spaces ', ''));

describe('byte-level BPE', () => {
  const t = tiny();

  it('encodes by hand-derived merges', () => {
    // "hello world" = hello (256+3), Ġworld (256+8): ids of the merges in order.
    expect(t.encode('hello world')).toEqual([259, 264]);
    expect(t.encode('hell')).toEqual([258]);
    expect(t.encode('<|im_end|>')).toEqual([256 + 15 + 2]);
    expect(t.eos).toEqual({ id: 273, content: '<|im_end|>' });
    expect(t.stopIds).toEqual([273]);
    expect(t.size).toBe(274);
  });

  it('decodes what it encoded, lone surrogates as U+FFFD', () => {
    fc.assert(fc.property(anyText, (s) => { expect(t.decode(t.encode(s, { addSpecial: false }))).toBe(s.toWellFormed()); }), { numRuns: 300 });
  });

  it('gives offsets that cover the text without gaps, in order', () => {
    fc.assert(fc.property(anyText, (s) => {
      const ids = t.encode(s, { addSpecial: false });
      const o = t.offsets(s, ids);
      expect(o).not.toBeNull();
      if (!o) return;
      let at = 0;
      for (let i = 0; i < ids.length; i++) {
        const [a, b] = [o.start[i] ?? -1, o.end[i] ?? -1];
        expect(a).toBeLessThan(b);
        expect(a).toBeLessThanOrEqual(at); // a shared character starts before
        expect(b).toBeGreaterThanOrEqual(at);
        at = b;
      }
      expect(at).toBe(s.length);
    }), { numRuns: 300 });
  });

  it('gives a split character to each of its tokens', () => {
    const ids = t.encode('a中b', { addSpecial: false });
    const o = t.offsets('a中b', ids);
    expect(ids).toHaveLength(5);
    expect([...(o?.start ?? [])]).toEqual([0, 1, 1, 1, 2]);
    expect([...(o?.end ?? [])]).toEqual([1, 2, 2, 2, 3]);
  });

  it('streams the same text as decode, and never half a character', () => {
    fc.assert(fc.property(anyText, (s) => {
      const ids = t.encode(s, { addSpecial: false });
      const stream = t.streamDecoder({ skipSpecial: false });
      const pieces = ids.map((id) => stream.push(id));
      if (s.isWellFormed() && !s.includes('\ufffd')) expect(pieces.join('')).not.toContain('\ufffd');
      expect(pieces.join('') + stream.flush()).toBe(t.decode(ids));
    }), { numRuns: 200 });
  });

  it('holds back a cut character and flushes it as U+FFFD', () => {
    const [first = 0, second = 0, third = 0] = t.encode('中', { addSpecial: false });
    const stream = t.streamDecoder();
    expect([stream.push(first), stream.push(second), stream.push(third)]).toEqual(['', '', '中']);
    const cut = t.streamDecoder();
    expect(cut.push(first) + cut.push(second) + cut.flush()).toBe('\ufffd');
  });

  it('skips special tokens and ids outside of the vocabulary', () => {
    expect(t.decode([259, 273, 9999], { skipSpecial: true })).toBe('hello');
    expect(t.decode([259, 273])).toBe('hello<|im_end|>');
    expect(t.decode([9999])).toBe('');
    expect(t.streamDecoder().push(9999)).toBe('');
  });

  it('carries offsets through an NFC normaliser', () => {
    const nfc = tiny({ normalizer: { type: 'NFC' } });
    const s = 'e\u0301x'; // é as two characters, then x
    const ids = nfc.encode(s, { addSpecial: false });
    expect(nfc.decode(ids)).toBe('éx');
    const o = nfc.offsets(s, ids);
    expect([...(o?.start ?? [])]).toEqual([0, 0, 2]);
    expect([...(o?.end ?? [])]).toEqual([2, 2, 3]);
  });

  it('takes stop ids from generation_config too', () => {
    expect(tiny({ generationEos: [271, 273] }).stopIds).toEqual([273, 271]);
    expect(tiny({ eos: null, generationEos: 271 }).eos).toEqual({ id: 271, content: '<|endoftext|>' });
    expect(tiny({ eos: null }).stopIds).toEqual([]);
  });
});

describe.each<[string, Tokenizer, (s: string) => string]>([
  ['GPT-2 like', tiny(), (s) => s],
  ['Qwen2 like: NFC, split, bytes', tiny({ normalizer: { type: 'NFC' }, preTokenizer: SPLIT_THEN_BYTES }), (s) => s.normalize('NFC')],
  ['Llama 3 like: split, bytes, BOS', tiny({ preTokenizer: SPLIT_THEN_BYTES, specials: ['<s>', '</s>'], bos: '<s>', eos: '</s>', postProcessor: { type: 'Sequence', processors: [{ type: 'ByteLevel' }, { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [], special_tokens: {} }] } }), (s) => s],
  ['with a space in front', tiny({ preTokenizer: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true } }), (s) => s],
])('%s', (name, t, normal) => {
  it('explains any text by offsets: in order, nothing left out', () => {
    fc.assert(fc.property(anyText.filter((s) => !/<\/?s>/.test(s)), fc.boolean(), (s, addSpecial) => {
      const ids = t.encode(s, { addSpecial });
      const o = t.offsets(s, ids);
      expect(o).not.toBeNull();
      let at = 0;
      const seen = new Uint8Array(s.length);
      ids.forEach((_, i) => {
        const [a, b] = [o?.start[i] ?? 0, o?.end[i] ?? 0];
        expect(b).toBeGreaterThanOrEqual(a);
        expect(b).toBeGreaterThanOrEqual(at);
        at = b;
        seen.fill(1, a, b);
      });
      expect(seen.includes(0)).toBe(false);
      if (name !== 'with a space in front') expect(t.decode(t.encode(s, { addSpecial: false }))).toBe(normal(s).toWellFormed());
    }), { numRuns: 200 });
  });
});

describe('special tokens that swallow white space', () => {
  it('keep offsets right', () => {
    const files = tinyFiles();
    for (const token of files.tokenizer['added_tokens'] as Record<string, unknown>[]) { token['rstrip'] = true; token['lstrip'] = true; }
    const t = new Tokenizer(files);
    const s = 'hello  <|im_end|> \n hello';
    const ids = t.encode(s);
    expect(ids).toEqual([259, 273, 259]);
    const o = t.offsets(s, ids);
    expect([...(o?.start ?? [])]).toEqual([0, 7, 20]);
    expect([...(o?.end ?? [])]).toEqual([5, 17, 25]);
  });
});

describe('Metaspace', () => {
  const files = llamaLikeFiles(['hello', 'world', 'the']);
  files.tokenizer['normalizer'] = null;
  files.tokenizer['pre_tokenizer'] = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false };
  files.tokenizer['decoder'] = { type: 'Sequence', decoders: [{ type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false }, { type: 'ByteFallback' }, { type: 'Fuse' }] };
  const t = new Tokenizer(files);
  it('decodes, streams and explains text with spaces', () => {
    for (const s of ['hello world', 'the hello', 'hello 中文 world']) {
      const ids = t.encode(s, { addSpecial: false });
      const stream = t.streamDecoder();
      expect(t.decode(ids)).toBe(s);
      expect(ids.map((id) => stream.push(id)).join('') + stream.flush()).toBe(s);
      expect(t.offsets(s, ids)?.end.at(-1)).toBe(s.length);
    }
  });
});

describe('SentencePiece-like BPE with byte fallback', () => {
  const t = new Tokenizer(llamaLikeFiles(['hello', 'world', 'the']));
  it('adds BOS, finds offsets through the added space, falls back to bytes', () => {
    const ids = t.encode('hello world');
    expect(ids[0]).toBe(1);
    expect(ids.map((id) => t.tokenOf(id))).toEqual(['<s>', '▁hello', '▁world']);
    const o = t.offsets('hello world', ids);
    expect([...(o?.start ?? [])]).toEqual([0, 0, 5]);
    expect([...(o?.end ?? [])]).toEqual([0, 5, 11]);
    const wide = t.encode('hello 中', { addSpecial: false });
    expect(t.decode(wide)).toBe('hello 中');
    expect(t.offsets('hello 中', wide)?.end.at(-1)).toBe(7);
  });
  it('streams the same text as decode', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('hello', 'world', 'the', '中文', 'é', '!'), { minLength: 1, maxLength: 8 }), (words) => {
      const ids = t.encode(words.join(' '), { addSpecial: false });
      const stream = t.streamDecoder();
      expect(ids.map((id) => stream.push(id)).join('') + stream.flush()).toBe(t.decode(ids, { skipSpecial: true }));
      expect(t.decode(ids)).toBe(words.join(' '));
    }));
  });
});

describe('files', () => {
  let dir = '';
  beforeAll(async () => { dir = await mkdtemp(join(tmpdir(), 'anneal-tok-')); });
  afterAll(async () => { await rm(dir, { recursive: true, force: true }); });

  it('names what is missing or broken', async () => {
    await expect(Tokenizer.load(dir)).rejects.toMatchObject({ code: 'tokenizer-missing' });
    await writeFile(join(dir, 'tokenizer.json'), '{"model": {');
    await expect(Tokenizer.load(dir)).rejects.toMatchObject({ code: 'tokenizer-invalid', message: expect.stringContaining('tokenizer.json') as string });
    await writeFile(join(dir, 'tokenizer.json'), '{"version": "1.0"}');
    await expect(Tokenizer.load(dir)).rejects.toMatchObject({ code: 'tokenizer-invalid', message: expect.stringContaining('"model"') as string });
    await writeFile(join(dir, 'tokenizer.json'), '{"model": {"type": "Nothing"}}');
    await expect(Tokenizer.load(dir)).rejects.toMatchObject({ code: 'tokenizer-invalid' });
    await writeFile(join(dir, 'tokenizer.json'), '{"model": {"type": "BPE", "vocab": {}, "merges": []}}');
    await expect(Tokenizer.load(dir)).rejects.toMatchObject({ code: 'tokenizer-invalid' });
  });

  it('reads a folder, the template file before the config', async () => {
    const files = tinyFiles({ template: 'from config' });
    await writeFile(join(dir, 'tokenizer.json'), JSON.stringify(files.tokenizer));
    await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify(files.config));
    expect((await Tokenizer.load(dir)).template).toBe('from config');
    await writeFile(join(dir, 'tokenizer_config.json'), JSON.stringify({ ...files.config, chat_template: [{ name: 'tool_use', template: 'tools' }, { name: 'default', template: 'named' }] }));
    expect((await Tokenizer.load(dir)).template).toBe('named');
    await writeFile(join(dir, 'chat_template.jinja'), 'from file');
    const t = await Tokenizer.load(dir);
    expect(t.template).toBe('from file');
    expect(t.encode('hello world')).toEqual([259, 264]);
  });
});
