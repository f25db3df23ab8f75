/**
 * Bad models, data and recipes through the front door, with the real engine: one sentence with its code, exit status 1, and nothing else changed, neither in the data folder nor in the person's files.
 * Bad runs: bad-run.test.ts. A full disk: test/engine/train-run, test/host/runs. A second start: test/e2e-electron. Parts on their own: test/engine/safetensors, test/data, test/host/recipe-issues.
 */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nodeSpawner } from '../../src/main/supervise/spawn-node.ts';
import type { ErrorShape } from '../../src/shared/errors.ts';
import { command, contentOf, filesOf } from '../support/command.ts';
import type { CommandResult } from '../support/command.ts';
import { testHost } from '../support/host.ts';
import type { TestHost } from '../support/host.ts';
import { writeRealModel } from '../support/real-model.ts';

let root: string, home: string;
const given = (name: string): string => join(root, 'given', name);
const turn = (i: number): string => JSON.stringify({ messages: [{ role: 'user', content: `Say ${i}` }, { role: 'assistant', content: `It is ${i}.` }] });

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'anneal-bad-'));
  home = join(root, 'home');
  vi.stubEnv('ANNEAL_RESOURCES', join(root, 'none'));
  mkdirSync(given(''));
  writeRealModel(given('good'));
  writeFileSync(given('good.jsonl'), [1, 2, 3, 4].map(turn).join('\n'));
  expect(await command(home, 'data', 'import', given('good.jsonl'), '--name', 'kept')).toMatchObject({ status: 0, err: '' });
  expect(await command(home, 'model', 'import', given('good'), '--name', 'tiny')).toMatchObject({ status: 0, err: '' });
});
afterAll(() => { vi.unstubAllEnvs(); rmSync(root, { recursive: true, force: true }); });

/** Runs the words; nothing may change. */
async function refused(...words: string[]): Promise<CommandResult> {
  const before = contentOf(home), files = filesOf(given(''));
  const result = await command(home, ...words);
  expect(contentOf(home)).toEqual(before);
  expect(filesOf(given(''))).toEqual(files);
  return result;
}
/** One line with that code, which says what `words` say and ends as a sentence; no path of the person's home. */
function sentence(result: CommandResult, code: string, ...words: string[]): void {
  expect(result.err).toMatch(new RegExp(`^error ${code}: [^\\n]{10,}[.?]\\n$`));
  for (const word of words) expect(result.err).toContain(word);
  expect(result).toMatchObject({ status: 1, out: '' });
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
function changeHeader(file: string, change: (header: Header) => void): void {
  const bytes = readFileSync(file), length = Number(bytes.readBigUInt64LE(0)), header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header;
  change(header);
  claimLength(file, JSON.stringify(header), undefined, bytes.subarray(8 + length));
}
function claimLength(file: string, header: string, claimed: bigint | undefined, data: Uint8Array): void {
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(claimed ?? BigInt(Buffer.byteLength(header)));
  writeFileSync(file, Buffer.concat([prefix, Buffer.from(header), data]));
}
const PROJECTION = 'model.layers.0.self_attn.q_proj.weight', NORM = 'model.norm.weight';
function tensor(header: Header, name: string): Header[string] {
  const entry = header[name];
  if (entry === undefined) throw new Error(`the test model has no ${name}`);
  return entry;
}
function changeConfig(folder: string, change: Record<string, unknown>): void {
  const file = join(folder, 'config.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as object, ...change }));
}
function changeTokenizer(folder: string, change: Record<string, unknown>): void {
  const file = join(folder, 'tokenizer.json');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')) as object, ...change }));
}
/** The same name a second time, for bytes of its own. */
function twice(file: string, name: string): void {
  const bytes = readFileSync(file), length = Number(bytes.readBigUInt64LE(0)), text = bytes.toString('utf8', 8, 8 + length).trimEnd(), size = bytes.length - 8 - length;
  claimLength(file, `${text.slice(0, -1)},${JSON.stringify(name)}:{"dtype":"F32","shape":[16],"data_offsets":[${size},${size + 64}]}}`, undefined, Buffer.concat([bytes.subarray(8 + length), Buffer.alloc(64)]));
}
function shard(folder: string): void {
  const header: Header = {};
  changeHeader(join(folder, 'model.safetensors'), (h) => { Object.assign(header, h); });
  renameSync(join(folder, 'model.safetensors'), join(folder, 'model-00001-of-00002.safetensors'));
  const map = Object.keys(header).filter((n) => n !== '__metadata__').map((n, i) => [n, `model-0000${i === 0 ? 2 : 1}-of-00002.safetensors`]);
  writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map: Object.fromEntries(map) as object }));
}

describe('a model', () => {
  const weights = (folder: string): string => join(folder, 'model.safetensors');
  const FACES = ['truncated in its data', 'a missing shard', 'an unknown model_type', 'no tokenizer'];
  // One host with one engine for all; some of them through the command line too.
  let t: TestHost;
  beforeAll(async () => { t = await testHost({ spawner: nodeSpawner() }); });
  afterAll(async () => { await t.close(); rmSync(join(t.home, '..'), { recursive: true, force: true }); });

  test.each<[string, (folder: string) => void, string, string[]]>([
    ['truncated in its data', (f) => { truncateSync(weights(f), readFileSync(weights(f)).length - 1000); }, 'safetensors-invalid', ['model.safetensors', 'truncated']],
    ['truncated in its header', (f) => { truncateSync(weights(f), 100); }, 'safetensors-invalid', ['model.safetensors', 'truncated']],
    ['an empty weight file', (f) => { truncateSync(weights(f), 0); }, 'safetensors-invalid', ['0 bytes']],
    ['bytes that no tensor claims', (f) => { appendFileSync(weights(f), 'more'); }, 'safetensors-invalid', ['the header describes']],
    ['a header longer than the file', (f) => { claimLength(weights(f), '{}', 5000n, Buffer.alloc(10)); }, 'safetensors-invalid', ['5000 bytes but only 12 follow']],
    ['a huge header', (f) => { claimLength(weights(f), '{}', 2n ** 63n, Buffer.alloc(10)); }, 'safetensors-invalid', ['above the limit']],
    ['overlapping tensors', (f) => { changeHeader(weights(f), (h) => { const a = tensor(h, PROJECTION), b = tensor(h, PROJECTION.replace('q_proj', 'o_proj')); b.data_offsets = a.data_offsets; }); }, 'safetensors-invalid', ['overlap']],
    ['a tensor beyond the end', (f) => { changeHeader(weights(f), (h) => { const t = tensor(h, NORM); t.data_offsets = [t.data_offsets[0] + 2 ** 40, t.data_offsets[1] + 2 ** 40]; }); }, 'safetensors-invalid', [NORM, 'truncated']],
    ['a shape against the bytes', (f) => { changeHeader(weights(f), (h) => { tensor(h, NORM).shape = [17]; }); }, 'safetensors-invalid', [NORM, '[17]', '68 bytes']],
    ['a shape against the config', (f) => { changeHeader(weights(f), (h) => { tensor(h, PROJECTION).shape = [8, 32]; }); }, 'tensor-shape', [PROJECTION, '[8, 32]', '[16, 16]']],
    ['integers for weights', (f) => { changeHeader(weights(f), (h) => { tensor(h, NORM).dtype = 'I32'; }); }, 'tensor-dtype', [NORM, 'I32']],
    ['a missing tensor', (f) => { changeHeader(weights(f), (h) => { h['other'] = tensor(h, NORM); delete h[NORM]; }); }, 'tensor-missing', [NORM]],
    ['no weights at all', (f) => { rmSync(weights(f)); }, 'file-not-found', ['model.safetensors']],
    ['a missing shard', shard, 'model-shard-missing', ['model-00002-of-00002.safetensors']],
    ['an unknown model_type', (f) => { changeConfig(f, { model_type: 'mamba' }); }, 'model-family-unknown', ['"mamba"', 'llama, mistral']],
    ['no model_type', (f) => { changeConfig(f, { model_type: undefined }); }, 'model-family-unknown', ['missing in config.json']],
    ['an index that leads elsewhere', (f) => { writeFileSync(join(f, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { [NORM]: '../good/model.safetensors' } })); }, 'safetensors-invalid', ['model.safetensors.index.json', 'outside']],
    ['an index with an absolute path', (f) => { writeFileSync(join(f, 'model.safetensors.index.json'), JSON.stringify({ weight_map: { [NORM]: weights(given('good')) } })); }, 'safetensors-invalid', ['outside']],
    ['an index that is no index', (f) => { writeFileSync(join(f, 'model.safetensors.index.json'), '[]'); }, 'safetensors-invalid', ['weight_map']],
    ['one tensor twice', (f) => { twice(weights(f), NORM); }, 'safetensors-invalid', ['hole']],
    ['a link that leaves the folder', (f) => { rmSync(weights(f)); symlinkSync(weights(given('good')), weights(f)); }, 'path-not-allowed', ['model.safetensors', 'link']],
    ['a generation_config that is cut off', (f) => { writeFileSync(join(f, 'generation_config.json'), '{"eos_token_id": [2,'); }, 'tokenizer-invalid', ['generation_config.json']],
    ['a generation_config with a word for a number', (f) => { writeFileSync(join(f, 'generation_config.json'), '{"do_sample": true, "temperature": "hot"}'); }, 'model-config-invalid', ['generation_config.json', 'temperature', 'hot']],
    ['a generation_config with a wrong stop token', (f) => { writeFileSync(join(f, 'generation_config.json'), '{"eos_token_id": [2, "end"]}'); }, 'model-config-invalid', ['eos_token_id', 'end']],
    ['a tokenizer with an unknown part', (f) => { changeTokenizer(f, { normalizer: { type: 'Magic' } }); }, 'tokenizer-invalid', ['Magic']],
    ['a tokenizer with merges that do not fit', (f) => { changeTokenizer(f, { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a b'] } }); }, 'tokenizer-invalid', ['merge 0']],
    ['a config that is cut off', (f) => { truncateSync(join(f, 'config.json'), 40); }, 'model-config-invalid', ['config.json']],
    ['a tokenizer that is cut off', (f) => { truncateSync(join(f, 'tokenizer.json'), 4000); }, 'tokenizer-invalid', ['tokenizer.json']],
    ['no tokenizer', (f) => { for (const name of ['tokenizer.json', 'tokenizer_config.json']) rmSync(join(f, name)); }, 'tokenizer-missing', ['tokenizer.json']],
  ])('%s', async (what, spoil, code, words) => {
    const folder = given('spoiled');
    rmSync(folder, { recursive: true, force: true });
    cpSync(given('good'), folder, { recursive: true });
    spoil(folder);
    const files = filesOf(folder), error: unknown = await t.api.models.import({ path: folder }).then(() => null, (e: unknown) => e);
    sentence({ status: 1, out: '', err: `error ${(error as ErrorShape).code}: ${(error as ErrorShape).message}\n` }, code, ...words);
    expect(await t.api.models.list()).toEqual([]);
    expect(filesOf(folder)).toEqual(files);
    if (FACES.includes(what)) sentence(await refused('model', 'import', folder), code, ...words);
  });
});

describe('data', () => {
  test.each<[string, string, string, string, string[]]>([
    ['an empty file', 'empty.jsonl', '', 'dataset-empty', ['empty.jsonl']],
    ['a list without rows', 'none.json', '[]', 'dataset-empty', ['none.json']],
    ['a broken line', 'broken.jsonl', `${turn(1)}\n${turn(2)}\n{"messages": [}\n${turn(3)}`, 'dataset-syntax', ['broken.jsonl', 'line 3', 'without the bad rows']],
    ['a file that is cut off', 'cut.jsonl', `${turn(1)}\n${turn(2).slice(0, -5)}`, 'dataset-syntax', ['cut.jsonl', 'line 2', 'cut off']],
    ['a row of another shape', 'shape.jsonl', `${turn(1)}\n{"messages": "hello"}`, 'row-invalid', ['shape.jsonl', 'line 2']],
    ['wrong columns', 'qa.csv', 'question,answer\na,b\n', 'dataset-columns', ['question, answer', 'prompt=question, completion=answer']],
    ['columns that nothing is known of', 'xy.csv', 'x,y\na,b\n', 'dataset-columns', ['x, y', 'prompt and completion']],
    ['bytes that are no text', 'binary.jsonl', '\u0000\u0001\u0002\n', 'dataset-syntax', ['binary.jsonl']],
  ])('%s: at import, and in a recipe', async (_what, name, content, code, words) => {
    writeFileSync(given(name), content);
    sentence(await refused('data', 'import', given(name)), code, ...words);
    writeFileSync(given('r.yaml'), `method: sft\nmodel: tiny\ndata: {train: ${name}}\n`);
    sentence(await refused('train', given('r.yaml')), code, ...words);
    writeFileSync(given('r.yaml'), `method: sft\nmodel: tiny\ndata: {train: kept, eval: ${name}}\n`);
    sentence(await refused('train', given('r.yaml')), code, ...words);
  });

  test('what a recipe imported on the way is taken back when the recipe is refused', async () => {
    cpSync(given('good'), given('unknown'), { recursive: true });
    writeFileSync(given('new.jsonl'), [7, 8].map(turn).join('\n'));
    writeFileSync(given('r.yaml'), 'method: sft\nmodel: unknown\ndata: {train: new.jsonl, eval: empty.jsonl}\n');
    sentence(await refused('train', given('r.yaml')), 'dataset-empty', 'empty.jsonl');
  });

  test('the mapping that is offered is accepted, word for word', async () => {
    writeFileSync(given('map.csv'), 'question,answer\na,b\nc,d\n');
    const { err } = await refused('data', 'import', given('map.csv'));
    const offered = /map them as (.+?) to read it as (\S+)\.\n$/.exec(err);
    const imported = await command(home, 'data', 'import', given('map.csv'), '--columns', offered?.[1] ?? '', '--format', offered?.[2] ?? '', '--json');
    expect(imported).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(imported.out)).toMatchObject({ name: 'map', rows: 2, kind: 'prompt-completion' });
    sentence(await refused('data', 'import', given('map.csv'), '--columns', 'prompt=question,completion=reply'), 'dataset-columns', 'no column "reply"', 'completion=answer');
  });
});

describe('a recipe', () => {
  const good = { method: 'sft', model: 'tiny', data: { train: 'kept' } };
  test.each<[string, string, string, string[]]>([
    ['a mistyped key', JSON.stringify({ ...good, train: { lerning_rate: 1 } }), 'recipe-key-unknown', ['train.lerning_rate', 'Did you mean train.learning_rate?']],
    ['a mistyped section', JSON.stringify({ ...good, trian: { max_steps: 1 } }), 'recipe-key-unknown', ['trian', 'Did you mean train?']],
    ['a key in the wrong section', JSON.stringify({ ...good, learning_rate: 1 }), 'recipe-key-unknown', ['Did you mean train.learning_rate?']],
    ['a mistyped key of the adapter', JSON.stringify({ ...good, adapter: { type: 'lora', lora_aplha: 3 } }), 'recipe-key-unknown', ['Did you mean adapter.lora_alpha?']],
    ['a word for a number', JSON.stringify({ ...good, train: { max_steps: 'ten' } }), 'recipe-value', ['train.max_steps must be a number, not the text "ten"']],
    ['a number for a switch', JSON.stringify({ ...good, train: { packing: 1 } }), 'recipe-value', ['train.packing must be true or false, not 1']],
    ['a broken number for a whole one', JSON.stringify({ ...good, adapter: { r: 2.5 } }), 'recipe-value', ['adapter.r must be a whole number, not 2.5']],
    ['a value outside of its range', JSON.stringify({ ...good, train: { learning_rate: -1 } }), 'recipe-value', ['train.learning_rate is -1; it must be at least 0']],
    ['not a number', 'method: sft\nmodel: tiny\ndata: {train: kept}\ntrain: {learning_rate: .nan}\n', 'recipe-value', ['train.learning_rate must be a number']],
    ['text for a table', JSON.stringify({ ...good, data: 'kept' }), 'recipe-value', ['data must be a table of keys, not the text "kept"']],
    ['an unknown choice', JSON.stringify({ ...good, train: { lr_scheduler_type: 'cosin' } }), 'recipe-value', ['Did you mean cosine?']],
    ['a missing part', JSON.stringify({ method: 'sft', model: 'tiny' }), 'recipe-value', ['data is missing']],
    ['an unknown method', JSON.stringify({ ...good, method: 'stf' }), 'recipe-value', ['Did you mean sft?']],
    ['an unknown chat template', JSON.stringify({ ...good, chat_template: 'chatlm' }), 'template-invalid', ['"chatlm"', 'chatml']],
    ['a checkpoint that is not there', JSON.stringify({ ...good, checkpoint: 'first@6' }), 'not-found', ['no checkpoint "first@6"']],
    ['broken YAML', 'method: sft\nmodel: tiny\ndata: {train: kept\n', 'recipe-syntax', ['not valid YAML at line']],
    ['a key given twice', 'method: sft\nmodel: tiny\nmodel: good\ndata: {train: kept}\n', 'recipe-syntax', ['line 3']],
    ['no table', 'hello\n', 'recipe-syntax', ['must be a table of keys']],
    ['an empty file', '', 'recipe-syntax', ['must be a table of keys']],
  ])('%s', async (_what, yaml, code, words) => {
    writeFileSync(given('r.yaml'), yaml);
    sentence(await refused('train', given('r.yaml')), code, ...words);
  });
});
