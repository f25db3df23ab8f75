import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskView } from '../../src/main/data/encode/mask-view.ts';
import { encodeDataset, lengthHistogram, median, reviewDataset } from '../../src/main/data/encode/review.ts';
import { SftEncoder, type SftOptions } from '../../src/main/data/encode/sft.ts';
import { chooseTemplate } from '../../src/main/data/templates/builtin.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';
import type { CanonicalRow } from '../../src/shared/formats.ts';
import { llamaLikeFiles, SPLIT_THEN_BYTES, tiny } from './tiny-tokenizer.ts';

// Ids of the tiny tokenizer: bytes are themselves, hello 259, hell 258, " world" 264, "an" 265, user 270, <|endoftext|> 271, <|im_start|> 272, <|im_end|> 273 (eos).
const EOS = 273;
const ASSISTANT = [97, 115, 115, 105, 115, 116, 265, 116]; // a s s i s t an t
const tokenizer = tiny();
const encoder = (options: SftOptions = {}, template: string | null = 'chatml'): SftEncoder => new SftEncoder(tokenizer, chooseTemplate(tokenizer, template), options);
const text = (s: string): CanonicalRow => ({ kind: 'text', text: s });
const pair = (prompt: string, completion: string): CanonicalRow => ({ kind: 'prompt-completion', prompt, completion });
const chat = (...turns: string[]): CanonicalRow => ({ kind: 'messages', messages: turns.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content })) });
const show = (e: SftEncoder, row: CanonicalRow): [number[], number[]] => { const r = e.encode(row); return [[...r.ids], [...r.mask]]; };

describe('text rows', () => {
  it('append eos iff the text does not end with it', () => {
    expect(show(encoder(), text('hello world'))).toEqual([[259, 264, EOS], [0, 1, 1]]);
    expect(show(encoder(), text('hello world<|im_end|>'))).toEqual([[259, 264, EOS], [0, 1, 1]]);
    expect(encoder().encode(text('hello')).hasStop).toBe(true);
  });
  it('without an eos token nothing is appended and the row says so', () => {
    const t = tiny({ eos: null, specials: ['<|x|>'] });
    const row = new SftEncoder(t, null).encode(text('hello world'));
    expect([...row.ids]).toEqual([259, 264]);
    expect(row).toMatchObject({ hasStop: false, warnings: ['no-stop'] });
  });
  it('do not double the eos of a tokenizer that adds its own', () => {
    const t = tiny({ postProcessor: { type: 'TemplateProcessing', single: [{ Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<|im_end|>', type_id: 0 } }], pair: [], special_tokens: {} } });
    expect([...new SftEncoder(t, null).encode(text('hello')).ids]).toEqual([259, EOS]);
    expect(show(new SftEncoder(t, null), pair('hello', ' world'))).toEqual([[259, 264, EOS], [0, 1, 1]]);
  });
  it('refuse masks that they do not have', () => {
    expect(() => encoder({ completion_only_loss: true }).encode(text('a'))).toThrow(expect.objectContaining({ code: 'recipe-value' }));
    expect(() => encoder({ assistant_only_loss: true }).encode(text('a'))).toThrow(expect.objectContaining({ code: 'recipe-value' }));
  });
});

describe('prompt-completion rows', () => {
  it('train on the completion and its eos, by default', () => {
    expect(show(encoder(), pair('hello hello', ' world'))).toEqual([[259, 32, 259, 264, EOS], [0, 0, 0, 1, 1]]);
    expect(show(encoder({ completion_only_loss: false }), pair('hello hello', ' world'))).toEqual([[259, 32, 259, 264, EOS], [0, 1, 1, 1, 1]]);
  });
  it('warn where the boundary merges, and keep the prompt length', () => {
    // "hell" is one token alone; with "o" behind it, "hello" is one token: the only completion token left is eos.
    const row = encoder().encode(pair('hell', 'o'));
    expect([...row.ids]).toEqual([259, EOS]);
    expect([...row.mask]).toEqual([0, 1]);
    expect(row.warnings).toEqual(['boundary-merge']);
  });
  it('keep BOS in front', () => {
    const t = new Tokenizer(llamaLikeFiles(['hello', 'world']));
    const row = new SftEncoder(t, null).encode(pair('hello', ' world'));
    expect([...row.ids].map((id) => t.tokenOf(id))).toEqual(['<s>', '▁hello', '▁world', '</s>']);
    expect([...row.mask]).toEqual([0, 0, 1, 1]);
  });
  it('as conversations: the generation prompt is context', () => {
    const row: CanonicalRow = { kind: 'prompt-completion', prompt: [{ role: 'user', content: 'hello' }], completion: [{ role: 'assistant', content: 'hello world' }] };
    const [ids, mask] = show(encoder(), row);
    expect(ids).toEqual([272, 270, 10, 259, EOS, 10, 272, ...ASSISTANT, 10, 259, 264, EOS, 10]);
    expect(mask).toEqual([...Array<number>(16).fill(0), 1, 1, 1, 1]);
    expect(show(encoder({ assistant_only_loss: true }), row)[1]).toEqual([...Array<number>(16).fill(0), 1, 1, 1, 0]);
  });
  it('refuse a mix of text and conversation', () => {
    expect(() => encoder().encode({ kind: 'prompt-completion', prompt: 'a', completion: [{ role: 'assistant', content: 'b' }] })).toThrow(expect.objectContaining({ code: 'row-invalid' }));
  });
});

describe('conversations', () => {
  const two = chat('hello', 'hello world', 'hello', 'hello');
  const turn1 = [272, 270, 10, 259, EOS, 10, 272, ...ASSISTANT, 10];
  const expected = [...turn1, 259, 264, EOS, 10, ...turn1, 259, EOS, 10];
  const mask = [...Array<number>(16).fill(0), 1, 1, 1, 0, ...Array<number>(16).fill(0), 1, 1, 0];

  it('train on assistant turns with their stop token: by markers', () => {
    expect(show(encoder(), two)).toEqual([expected, mask]);
    expect(encoder().encode(two)).toMatchObject({ trained: 5, total: 39, hasStop: true, truncated: false, warnings: [] });
  });
  it('and without markers, by prefixes', () => {
    const plain = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    expect(show(encoder({}, plain), two)).toEqual([expected, mask]);
  });
  it('and where the template leaves the stop token out: added and said, or as the template has it', () => {
    const out = "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>\\n' }}{% endfor %}";
    expect(show(encoder({}, out), two)).toEqual([expected, mask]);
    expect(encoder({}, out).encode(two).warnings).toEqual(['stop-outside-mask']);
    const parity = encoder({ train_stop: false }, out).encode(two);
    expect(parity).toMatchObject({ trained: 3, hasStop: false, warnings: ['stop-outside-mask', 'no-stop'] });
  });
  it('on everything when asked', () => {
    expect(show(encoder({ assistant_only_loss: false }), two)).toEqual([expected, [0, ...Array<number>(38).fill(1)]]);
    expect(encoder({ assistant_only_loss: false }).encode(two).hasStop).toBe(true);
  });
  it('know the end of a turn even where eos is another token', () => {
    const t = tiny({ eos: '<|endoftext|>' });
    const e = new SftEncoder(t, chooseTemplate(t, 'chatml'));
    expect(e.stopIds).toEqual([271, 273]);
    expect(e.encode(two).hasStop).toBe(true);
  });
  it('truncate ids and mask together, and lose the stop', () => {
    const row = encoder({ max_length: 18 }).encode(two);
    expect([...row.ids]).toEqual(expected.slice(0, 18));
    expect(row).toMatchObject({ trained: 2, total: 39, truncated: true, hasStop: false, warnings: ['truncated', 'no-stop'] });
  });
  it('leave out turns of weight 0', () => {
    const row: CanonicalRow = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }, { role: 'assistant', content: 'hello world', weight: 0 }, { role: 'user', content: 'hello' }, { role: 'assistant', content: 'hello', weight: 1 }] };
    expect(show(encoder(), row)).toEqual([expected, [...Array<number>(36).fill(0), 1, 1, 0]]);
    const once = '{% for m in messages %}{{ m.content }}{% endfor %}{% generation %}end{% endgeneration %}';
    expect(() => encoder({}, once).encode(row)).toThrow(expect.objectContaining({ code: 'row-invalid' }));
  });
  it('need a template, and say what to do', () => {
    expect(() => encoder({}, null).encode(two)).toThrow(expect.objectContaining({ code: 'template-missing', message: expect.stringContaining('chat_template: chatml') as string }));
  });
  it('warn of special tokens spelled by the text', () => {
    expect(encoder().encode(chat('hello<|im_end|>', 'hello')).warnings).toContain('special-in-content');
  });
  it('mark exactly the assistants’ text, whatever it is', () => {
    fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 2, maxLength: 6 }), (turns) => {
      const row = encoder().encode(chat(...turns));
      let trained = '';
      const decoded = [...row.ids].filter((_, i) => row.mask[i]);
      trained = tokenizer.decode(decoded);
      expect(trained).toBe(turns.filter((_, i) => i % 2).map((s) => `${s}<|im_end|>`).join(''));
    }), { numRuns: 200 });
  });
  it('warn where a token holds the end of the header and the start of the answer', () => {
    const t = tiny({ merges: ['Ċ Ċ'], preTokenizer: SPLIT_THEN_BYTES });
    const e = new SftEncoder(t, chooseTemplate(t, 'chatml'));
    expect(e.encode(chat('a', '\nb')).warnings).toEqual(['boundary-merge']);
    expect(e.encode(chat('a', 'b')).warnings).toEqual([]);
  });
  it('without offsets, count tokens by prefixes', () => {
    const t = tiny({ normalizer: { type: 'Replace', pattern: { String: 'hello' }, content: 'user' } }); // a normaliser that offsets cannot undo
    const row = new SftEncoder(t, chooseTemplate(t, 'chatml')).encode(chat('hello', 'hello world'));
    expect(t.decode([...row.ids].filter((_, i) => row.mask[i]))).toBe('user world<|im_end|>');
  });
});

describe('loss-mask view', () => {
  it('spells the row, kind by kind', () => {
    const view = maskView(encoder({ max_length: 18 }), chat('hello', 'hello world'), 7);
    expect(view.tokens.map((t) => t.text).join('')).toBe('<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\nhello world<|im_end|>\n');
    expect(view.tokens.filter((t) => t.kind === 'special').map((t) => t.text)).toEqual(['<|im_start|>', '<|im_end|>', '<|im_start|>']);
    expect(view.tokens.slice(16).map((t) => [t.text, t.kind])).toEqual([['hello', 'trained'], [' world', 'trained'], ['<|im_end|>', 'cut'], ['\n', 'cut']]);
    expect(view).toMatchObject({ index: 7, total: 20, trained: 2, context: 16, cut: 2, has_stop: false, warnings: ['truncated', 'no-stop'] });
    expect(maskView(encoder(), chat('hello', 'hello'), 0).tokens.at(-2)).toEqual({ id: EOS, text: '<|im_end|>', kind: 'stop' });
  });
});

describe('review', () => {
  const rows: CanonicalRow[] = [chat('hello', 'hello world'), chat('hello', 'hello'), chat('hello'), pair('hell', 'o')];
  it('counts what stands in the rows', async () => {
    const seen: number[] = [];
    const r = await reviewDataset(rows, encoder({ max_length: 19 }), { onProgress: (n) => seen.push(n), buckets: 4 });
    // 20, 19, 6 and 2 tokens; cut at 19; trained 3 (stop kept, final \n cut), 2, 0, 1.
    expect(r).toMatchObject({ rows: 4, failed: 0, zero_trained: 1, truncated: 1, truncated_rows: [0], without_stop: 1, boundary_merges: 1, tokens: 46, trained_tokens: 6, median_tokens: 12.5, median_trained: 1.5, longest: 20, longest_index: 0 });
    expect(r.histogram).toEqual([{ upto: 5, rows: 1 }, { upto: 10, rows: 1 }, { upto: 15, rows: 0 }, { upto: 20, rows: 2 }]);
    expect(seen).toEqual([4]);
  });
  it('collects rows that the template refuses', async () => {
    const strict = "{% if messages[0].role != 'user' %}{{ raise_exception('user first') }}{% endif %}{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}";
    const odd: CanonicalRow = { kind: 'messages', messages: [{ role: 'assistant', content: 'x' }] };
    const r = await reviewDataset([odd, chat('hello', 'hello')], encoder({}, strict));
    expect(r).toMatchObject({ rows: 2, failed: 1, failures: [{ line: 1, code: 'row-invalid', message: expect.stringContaining('user first') as string }] });
  });
  it('stops at a hostile template, at the first row', async () => {
    const hostile = '{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}';
    await expect(reviewDataset(rows, new SftEncoder(tokenizer, chooseTemplate(tokenizer, hostile, { limits: { time: 200 } }), { assistant_only_loss: false }))).rejects.toMatchObject({ code: 'template-invalid' });
  });
  it('can be cancelled', async () => {
    await expect(reviewDataset(rows, encoder(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
  it('encodeDataset drops and counts rows without a trained token, and refuses when none is left', async () => {
    const d = await encodeDataset(rows, encoder());
    expect(d).toMatchObject({ indices: [0, 1, 3], dropped: 1, failed: 0 });
    await expect(encodeDataset([chat('hello')], encoder())).rejects.toMatchObject({ code: 'no-trainable-tokens' });
  });
  it('median and histogram', () => {
    expect([median([]), median([3]), median([3, 1]), median([5, 1, 3])]).toEqual([0, 3, 2, 3]);
    expect(lengthHistogram([], 5)).toEqual([]);
    expect(lengthHistogram([0, 1, 2], 5)).toEqual([{ upto: 1, rows: 2 }, { upto: 2, rows: 1 }]);
  });
});
