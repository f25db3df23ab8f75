// The committed demo data and tokenizer are what the scripts make from the seed, and keep the promises of resources/demo/README.md.

import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { documentKinds } from '../../scripts/demo/corpus/kinds.ts';
import { documents } from '../../scripts/demo/make-corpus.ts';
import { dataFolder, makeInstruct, print, splits } from '../../scripts/demo/make-instruct.ts';
import { corpusHead, corpusHeadCharacters, fileHashes, readManifest } from '../../scripts/demo/manifest.ts';
import { overlap, readRows } from '../../scripts/demo/overlap.ts';
import { tasks } from '../../scripts/demo/tasks/index.ts';
import { makeTokenizerFiles, modelFolder, vocabularySize } from '../../scripts/demo/train-bpe.ts';
import { makeWorld, worldSeed } from '../../scripts/demo/world.ts';
import { allFacts, fill } from '../../scripts/demo/world/facts.ts';
import { SftEncoder } from '../../src/main/data/encode/sft.ts';
import { needTemplate } from '../../src/main/data/templates/builtin.ts';
import { Tokenizer } from '../../src/main/data/tokenizer/tokenizer.ts';

// The tokenizer is trained again from the corpus: seconds on a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const rowsOf = (split: string) => readRows(join(dataFolder, `instruct-${split}.jsonl`));

describe('instruction data', () => {
  const made = makeInstruct();

  it.each(splits)('%s is what the seed gives', (split) => {
    expect(print(made[split])).toBe(readFileSync(join(dataFolder, `instruct-${split}.jsonl`), 'utf8'));
  });

  it('is large enough and covers the tasks in every split', () => {
    expect(rowsOf('train').length).toBeGreaterThanOrEqual(2000);
    expect(rowsOf('heldout').length).toBeGreaterThanOrEqual(400);
    expect(tasks.length).toBeGreaterThanOrEqual(8);
    for (const split of splits) expect(new Set(rowsOf(split).map((row) => row.task))).toEqual(new Set(tasks.map((task) => task.id)));
  });

  it('shares no row, no prompt and no asked item between splits', () => {
    const items = (split: (typeof splits)[number]): Set<string> => new Set(made[split].map((row) => row.item));
    for (const [one, two] of [['train', 'heldout'], ['train', 'dev'], ['dev', 'heldout']] as const) {
      expect(overlap(rowsOf(one), rowsOf(two))).toEqual({ rows: 0, prompts: 0 });
      expect([...items(one)].filter((item) => items(two).has(item))).toEqual([]);
    }
  });

  it('counts an overlap where there is one', () => {
    const rows = rowsOf('heldout').slice(0, 3);
    const shouted = rows.map((row) => ({ ...row, messages: row.messages.map((m) => ({ ...m, content: ` ${m.content.toUpperCase()}` })) }));
    expect(overlap(rows, rows)).toEqual({ rows: 3, prompts: 3 });
    expect(overlap(rows, shouted)).toEqual({ rows: 0, prompts: 3 });
  });

  it('asks every prompt once and answers briefly', () => {
    for (const split of splits) {
      const rows = rowsOf(split);
      expect(new Set(rows.map((row) => row.messages[0]?.content)).size).toBe(rows.length);
      for (const row of rows) {
        expect(row.messages.map((message) => message.role)).toEqual(['user', 'assistant']);
        expect(row.messages[1]?.content).toMatch(/^\S(.{0,78}\S)?$/u);
      }
    }
  });

  it('answers held-out questions about facts as the world has it', () => {
    const facts = new Map(allFacts(makeWorld()).flatMap((fact) => fact.kind.questions.map((question) => [fill(question, fact), fact.kind.statements.map((statement) => fill(statement, fact))] as const)));
    const asked = rowsOf('heldout').filter((row) => row.task === 'person_fact' || row.task === 'town_fact');
    expect(asked.length).toBeGreaterThan(50);
    for (const row of asked) expect(facts.get(row.messages[0]?.content ?? '')).toContain(row.messages[1]?.content);
  });
});

describe('corpus', () => {
  it('is what the seed gives', () => {
    expect(corpusHead()).toBe(readManifest().corpus.headSha256);
    expect(readManifest().seed).toBe(worldSeed);
  });

  it('holds no mark of the chat format and states the facts that are asked', () => {
    const text = [...documents(corpusHeadCharacters)].map((document) => document.text).join('\n');
    expect(text).not.toMatch(/<\||\|>|assistant|\buser\b/);
    const stated = allFacts(makeWorld()).filter((fact) => fact.kind.statements.some((statement) => text.includes(fill(statement, fact).replace(/\.$/, ''))));
    expect(stated.length / allFacts(makeWorld()).length).toBeGreaterThan(0.95);
  });

  it('draws every kind of document', () => {
    const kinds = new Set<string>();
    for (const document of documents(corpusHeadCharacters)) kinds.add(document.kind);
    expect(kinds).toEqual(new Set(documentKinds.map((kind) => kind.name)));
  });
});

describe('tokenizer', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => { tokenizer = await Tokenizer.load(modelFolder); });

  it('is what the seed gives', () => {
    for (const [name, text] of makeTokenizerFiles()) expect(readFileSync(join(modelFolder, name), 'utf8'), name).toBe(text);
  });

  it('has the promised size, and its special tokens first', () => {
    expect(tokenizer.size).toBe(vocabularySize);
    expect(tokenizer.encode('<|endoftext|><|im_start|><|im_end|><|pad|>')).toEqual([0, 1, 2, 3]);
  });

  it('gives back any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      fc.pre(text.isWellFormed());
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    }), { numRuns: 300 });
    for (const text of ['青石镇在梅尔河旁边。', 'THE RED LAMP costs 12 coins!\n\n  Fine.', '👩‍👩‍👧 naïve Ĳ ﬁ \u00a0\t', '12 + 30 = 42']) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  it('spells the world in few tokens: digits and Han characters stand alone', () => {
    expect(tokenizer.encode('12345')).toHaveLength(5);
    expect(tokenizer.encode('Mara is a baker.')).toHaveLength(5);
    expect(tokenizer.encode('青石镇')).toHaveLength(3);
  });

  it('trains on the answer and its stop token, and on nothing else', () => {
    const encoder = new SftEncoder(tokenizer, needTemplate(tokenizer), { max_length: 512 });
    expect(encoder.stopIds).toContain(2);
    for (const row of rowsOf('heldout').slice(0, 50)) {
      const [user, assistant] = [row.messages[0]?.content ?? '', row.messages[1]?.content ?? ''];
      const encoded = encoder.encode({ kind: 'messages', messages: [{ role: 'user', content: user }, { role: 'assistant', content: assistant }] });
      expect(encoded.warnings).toEqual([]);
      const trained = [...encoded.ids].filter((_, i) => encoded.mask[i] === 1);
      expect(trained.at(-1)).toBe(2);
      expect(tokenizer.decode(trained.slice(0, -1))).toBe(assistant);
    }
  });
});

describe('resources/demo', () => {
  it('holds the files that its manifest names', () => {
    expect(fileHashes()).toEqual(readManifest().files);
  });

  it('stays within 14 MB', () => {
    const size = (folder: string): number => readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => sum + (entry.isDirectory() ? size(join(folder, entry.name)) : statSync(join(folder, entry.name)).size), 0);
    expect(size(join(modelFolder, '..'))).toBeLessThanOrEqual(14e6);
  });
});
