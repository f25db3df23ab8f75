/** What a model's page asks the engine for: tensors of a real folder in reading order, norms against a plain sum, the template with its special tokens and the assistant's words told apart. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModelFolder } from '../../src/main/engine/io/model-folder.ts';
import { readTensorFloats } from '../../src/main/engine/io/tensor-read.ts';
import { modelTensors, tensorNorms } from '../../src/main/engine/services/model-tensors.ts';
import { piecesOf, renderTemplate } from '../../src/main/engine/services/render-template.ts';
import { writeRealModel } from '../support/real-model.ts';

const DEMO = join(import.meta.dirname, '../../resources/demo/model');
let root: string, folder: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), 'anneal-view-')); folder = writeRealModel(join(root, 'tiny')); });
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

test('tensors: embeddings, then layers in order of their numbers, then the last norm; sums agree', () => {
  const { tensors, parameters, bytes } = modelTensors(DEMO);
  expect(tensors[0]).toMatchObject({ name: 'model.embed_tokens.weight', place: 'before', layer: null });
  expect(tensors.at(-1)).toMatchObject({ name: 'model.norm.weight', place: 'after' });
  const layers = tensors.filter((t) => t.place === 'layer').map((t) => t.layer ?? -1);
  expect(layers).toEqual(layers.toSorted((a, b) => a - b));
  expect(parameters).toBe(tensors.reduce((n, t) => n + t.shape.reduce((a, b) => a * b, 1), 0));
  expect(bytes).toBe([...openModelFolder(DEMO).tensors.values()].reduce((n, t) => n + t.byteLength, 0));
});

test('norms: as a plain sum over the values gives them, also for a tensor read in slices; abort ends them', async () => {
  for (const where of [folder, DEMO]) {
    const { tensors } = openModelFolder(where), seen: string[] = [];
    for await (const item of tensorNorms(where, new AbortController().signal)) {
      const norm = item.norms[0];
      if (norm === undefined) throw new Error('skipped');
      seen.push(norm.name);
      const values = readTensorFloats(tensors.get(norm.name)!);
      const sum = values.reduce((n, v) => n + v * v, 0);
      expect(norm.l2).toBeCloseTo(Math.sqrt(sum), 6);
      expect(norm.rms).toBeCloseTo(Math.sqrt(sum / values.length), 9);
      expect(norm.max_abs).toBe(values.reduce((n, v) => Math.max(n, Math.abs(v)), 0));
      expect(norm.not_finite).toBe(0);
    }
    expect(seen).toEqual(modelTensors(where).tensors.map((t) => t.name));
  }
  const abort = new AbortController();
  let items = 0;
  for await (const _ of tensorNorms(DEMO, abort.signal)) { items++; abort.abort(); }
  expect(items).toBe(1);
});

test('template: special tokens and the assistant\'s words are told apart, nothing is lost', async () => {
  const messages = [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Where is the mill?' }, { role: 'assistant', content: 'By the river.' }];
  const { pieces, tokens, spans } = await renderTemplate(DEMO, messages, null);
  expect(spans).not.toBeNull();
  expect(pieces.filter((p) => p.kind === 'special').length).toBeGreaterThan(2);
  expect(pieces.filter((p) => p.kind === 'assistant').map((p) => p.text).join('')).toContain('By the river.');
  expect(pieces.filter((p) => p.kind === 'text').map((p) => p.text).join('')).toContain('Where is the mill?');
  expect(tokens).toBeGreaterThan(pieces.filter((p) => p.kind === 'special').length);
  await expect(renderTemplate(DEMO, messages, '{% for m in %}')).rejects.toMatchObject({ code: 'template-invalid' });
});

test('pieces always spell the text', () => {
  fc.assert(fc.property(fc.array(fc.constantFrom('<s>', '</s>', 'a', 'b\n', '<', '|')), fc.array(fc.nat(20), { maxLength: 6 }), (parts, cuts) => {
    const text = parts.join(''), sorted = cuts.filter((c) => c <= text.length).toSorted((a, b) => a - b), spans: [number, number][] = [];
    for (let i = 0; i + 1 < sorted.length; i += 2) spans.push([sorted[i]!, sorted[i + 1]!]);
    const pieces = piecesOf(text, spans, ['<s>', '</s>']);
    expect(pieces.map((p) => p.text).join('')).toBe(text);
    for (const p of pieces) expect(p.kind === 'special').toBe(p.text === '<s>' || p.text === '</s>');
  }));
});
