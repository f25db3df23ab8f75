/** Tokenizers through GGUF metadata and back: the same ids as before, and for SentencePiece vocabularies the ids that SentencePiece itself gives. */
import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Tokenizer } from '../../../src/main/data/tokenizer/tokenizer.ts';
import type { MetadataEntries } from '../../../src/main/engine/io/gguf/architectures/architecture.ts';
import { PRE_TOKENIZERS, preTokenizerJson } from '../../../src/main/engine/io/gguf/tokenizer/pre-tokenizers.ts';
import { tokenizerFromEntries } from '../../../src/main/engine/io/gguf/tokenizer/tokenizer-from-gguf.ts';
import { tokenizerToGguf } from '../../../src/main/engine/io/gguf/tokenizer/tokenizer-to-gguf.ts';
import { AnnealError } from '../../../src/shared/errors.ts';
import { demoModel, fixtureJson, tokenizerOf } from './fixtures.ts';

type Json = Record<string, unknown>;
const read = (name: string): Json => JSON.parse(readFileSync(join(demoModel, name), 'utf8')) as Json;
const demoJson = read('tokenizer.json'), demoConfig = read('tokenizer_config.json');
const rows = readFileSync(join(demoModel, '..', 'data', 'instruct-dev.jsonl'), 'utf8').split('\n').slice(0, 200);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...rows), fc.constantFrom('  two  spaces\n\n', "I'll don't WE'RE", '12345 678', 'x<|im_end|>y'));

const load = (json: Json, config: Json): Tokenizer => new Tokenizer({ tokenizer: structuredClone(json), config, generation: {}, template: null });
const written = (json: Json, config: Json, vocabSize = 3072): MetadataEntries => tokenizerToGguf({ json, config, chatTemplate: null, vocabSize }).entries;
const without = (entries: MetadataEntries): MetadataEntries => ({ ...entries, 'tokenizer.huggingface.json': null });

function expectSame(a: Tokenizer, b: Tokenizer): void {
  fc.assert(fc.property(text, (t) => {
    const ids = a.encode(t);
    expect(b.encode(t)).toEqual(ids);
    expect(b.decode(ids)).toBe(a.decode(ids));
  }), { numRuns: 400 });
}

test('the demo tokenizer, whose way of cutting has no name in GGUF, comes back exactly from the whole tokenizer.json', () => {
  const { entries, notes } = tokenizerToGguf({ json: demoJson, config: demoConfig, chatTemplate: 'T', vocabSize: 3072 });
  expect(entries['tokenizer.huggingface.json']).toBeTypeOf('string');
  expect(notes.join()).toContain('cut');
  const back = tokenizerFromEntries((key) => entries[key]);
  expect(back.config['chat_template']).toBe('T');
  expectSame(load(demoJson, demoConfig), tokenizerOf(entries));
});

test.each(PRE_TOKENIZERS.map((p) => [p.names[0]!, p] as const))('a byte-level tokenizer that cuts as "%s" comes back from GGUF\'s own keys', (name, pre) => {
  const json = { ...demoJson, normalizer: pre.nfc === true ? { type: 'NFC' } : null, pre_tokenizer: preTokenizerJson(pre), model: { ...(demoJson['model'] as Json), ignore_merges: pre.ignoreMerges === true } };
  const entries = written(json, demoConfig);
  expect(entries['tokenizer.ggml.pre']).toBe(name);
  expect(entries['tokenizer.huggingface.json'] ?? null).toBeNull();
  expectSame(load(json, demoConfig), tokenizerOf(entries));
});

test('the forms of GPT-2\'s and SmolLM\'s pre-tokenizers in Hugging Face files are known', () => {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const named = (pre: Json): unknown => written({ ...demoJson, pre_tokenizer: pre }, demoConfig)['tokenizer.ggml.pre'];
  expect(named(bytes)).toBe('gpt-2');
  expect(named({ type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, bytes] })).toBe('smollm');
});

test('special tokens, added texts at both ends and padded embeddings', () => {
  const around = { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<|im_start|>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }, { SpecialToken: { id: '<|im_end|>', type_id: 0 } }], pair: [], special_tokens: { '<|im_start|>': { id: '<|im_start|>', ids: [1], tokens: ['<|im_start|>'] }, '<|im_end|>': { id: '<|im_end|>', ids: [2], tokens: ['<|im_end|>'] } } };
  const pre = preTokenizerJson(PRE_TOKENIZERS[0]!);
  const entries = written({ ...demoJson, pre_tokenizer: pre, post_processor: around }, { ...demoConfig, bos_token: '<|im_start|>' }, 3080);
  expect([entries['tokenizer.ggml.add_bos_token'], entries['tokenizer.ggml.add_eos_token'], entries['tokenizer.ggml.bos_token_id'], entries['tokenizer.ggml.eos_token_id']]).toEqual([true, true, 1, 2]);
  expect((entries['tokenizer.ggml.tokens'] as string[]).length).toBe(3080);
  const back = tokenizerOf(without(entries));
  const ids = back.encode('Hello');
  expect([ids[0], ids.at(-1)]).toEqual([1, 2]);
  expect(back.size).toBe(3072);
  expect([...back.specialIds].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
});

interface Recorded { tokens: string[]; scores: number[]; types: number[]; prefix: boolean; texts: string[]; ids: number[][]; decoded: string[] }
const recorded = fixtureJson<Record<'prefixed' | 'bare', Recorded>>('sentence-piece.json');
const entriesOf = (r: Recorded): MetadataEntries => ({ 'tokenizer.ggml.model': 'llama', 'tokenizer.ggml.tokens': r.tokens, 'tokenizer.ggml.scores': r.scores, 'tokenizer.ggml.token_type': r.types, 'tokenizer.ggml.bos_token_id': 1, 'tokenizer.ggml.eos_token_id': 2, 'tokenizer.ggml.unknown_token_id': 0, 'tokenizer.ggml.add_bos_token': false, 'tokenizer.ggml.add_space_prefix': r.prefix });

test.each(['prefixed', 'bare'] as const)('a SentencePiece vocabulary (%s) gives the ids of SentencePiece, and its texts', (kind) => {
  const r = recorded[kind], t = tokenizerOf(entriesOf(r));
  for (const [i, s] of r.texts.entries()) {
    expect({ text: s, ids: t.encode(s) }).toEqual({ text: s, ids: r.ids[i] });
    if (s !== '') expect({ text: s, decoded: t.decode(r.ids[i]!) }).toEqual({ text: s, decoded: r.decoded[i] });
  }
});

test.each(['prefixed', 'bare'] as const)('a SentencePiece vocabulary (%s) keeps its ids when it is written and read again', (kind) => {
  const r = recorded[kind], { json, config } = tokenizerFromEntries((key) => entriesOf(r)[key]);
  const entries = written(json, config, r.tokens.length);
  expect(entries['tokenizer.ggml.model']).toBe('llama');
  expect(entries['tokenizer.ggml.add_space_prefix']).toBe(r.prefix);
  expect(entries['tokenizer.ggml.token_type']).toEqual(r.types);
  const back = tokenizerOf(without(entries));
  for (const [i, s] of r.texts.entries()) expect(back.encode(s)).toEqual(r.ids[i]);
});

const codeOf = (work: () => unknown): string => { try { work(); } catch (e) { if (e instanceof AnnealError) return e.code; throw e; } return 'none'; };

test('vocabularies that cannot be expressed or do not fit together are refused', () => {
  expect(codeOf(() => written({ ...demoJson, model: { type: 'Unigram', vocab: [['a', 0]] } }, {}))).toBe('gguf-unsupported');
  expect(codeOf(() => written(demoJson, demoConfig, 100))).toBe('gguf-unsupported');
  const entries = entriesOf(recorded.bare);
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.scores': [1] }))).toBe('gguf-invalid');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.token_type': [1] }))).toBe('gguf-invalid');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.tokens': recorded.bare.tokens.map((t, i) => (i === 400 ? 'x'.repeat(1e6) : t)) }))).toBe('gguf-invalid');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.tokens': [] }))).toBe('gguf-invalid');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.model': 'bert' }))).toBe('gguf-unsupported');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'chameleon' }))).toBe('gguf-unsupported');
  expect(codeOf(() => tokenizerOf({ ...entries, 'tokenizer.ggml.model': 'gpt2', 'tokenizer.ggml.pre': 'gpt-2', 'tokenizer.ggml.merges': ['nospace'] }))).toBe('gguf-invalid');
});
