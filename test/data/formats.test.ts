import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMapping, detectFormat, editDistance, suggestFormat } from '../../src/main/data/formats/detect.ts';
import { RowError, type DatasetFormat, type JsonRecord } from '../../src/main/data/formats/format.ts';
import { FORMATS, formatById, formatList } from '../../src/main/data/formats/index.ts';
import { canonicalLine } from '../../src/main/data/version/version-writer.ts';
import { canonicalRow, FORMAT_IDS, type FormatId } from '../../src/shared/formats.ts';

/** Records that each format must read and give back unchanged. Every format needs some. */
const examples: Record<FormatId, JsonRecord[]> = {
  messages: [
    { messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: 'yo' }] },
    { messages: [{ role: 'system', content: '' }, { role: 'user', content: 'hi', name: 'Ann' }, { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] }, { role: 'tool', tool_call_id: 'x', content: '3' }], tools: [{ type: 'function' }], id: 'a', tags: { task: 'sum' }, source: 's', license: 'mit', n: 3 },
    { messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }, { role: 'assistant', content: 'c', weight: 0 }], id: 7, tags: ['x'], tools: null },
  ],
  'prompt-completion': [{ prompt: 'a', completion: 'b' }, { prompt: '', completion: 'b', extra: { deep: [1, null] } }, { prompt: [{ role: 'user', content: 'a' }], completion: [{ role: 'assistant', content: 'b' }], tools: [] }],
  preference: [
    { prompt: 'q', chosen: 'a', rejected: 'b' }, { prompt: '', chosen: 'a', rejected: 'b', margin: 0.5, tags: { task: 'x' } }, { chosen: 'Human: hi there. Bot: hello', rejected: 'Human: hi there. Bot: go away', margin: '1.5' },
    { prompt: [{ role: 'user', content: 'q' }], chosen: [{ role: 'assistant', content: 'a' }], rejected: [{ role: 'assistant', content: 'b', weight: 1 }], tools: [] },
    { prompt: 'q', chosen: [{ role: 'user', content: 'q' }, { role: 'assistant', content: 'a' }], rejected: [{ role: 'user', content: 'q' }, { role: 'assistant', content: 'b' }], score_chosen: 8 },
    { prompt: [{ role: 'user', content: 'q' }], chosen: 'a', rejected: 'b', prompt_id: 'x' }, { prompt: [{ role: 'user', content: 'q' }], chosen: { role: 'assistant', content: 'a' }, rejected: { role: 'assistant', content: 'b' }, margin: null },
    { prompt: null, chosen: [{ role: 'assistant', content: 'a' }], rejected: [{ role: 'assistant', content: 'b' }] }, { prompt: 'q', chosen: [{ role: 'assistant', content: 'a' }], rejected: { role: 'assistant', content: 'b' } },
    { conversations: [{ from: 'human', value: 'q' }], chosen: { from: 'gpt', value: 'a' }, rejected: { from: 'gpt', value: 'b' } },
    { conversations: [{ from: 'human', value: 'q' }, { from: 'gpt', value: 'a' }, { from: 'user', value: 'and?' }], chosen: { from: 'gpt', value: 'a' }, rejected: { from: 'chatgpt', value: 'b', weight: 1 }, system: 'be brief', tools: '[{"name":"f"}]', margin: 2 },
    { conversations: [{ role: 'user', content: 'q' }], chosen: 'a', rejected: 'b', system: '' }, { conversations: [], prompt: 'q', chosen: 'a', rejected: 'b' },
    { chosen: [{ from: 'human', value: 'q' }, { from: 'gpt', value: 'a' }], rejected: [{ from: 'human', value: 'q' }, { from: 'gpt', value: 'b' }] }, { prompt: [{ from: 'human', value: 'q' }], chosen: [{ from: 'gpt', value: 'a' }], rejected: [{ from: 'gpt', value: 'b' }], system: 'kept' },
    { prompt: 'q', chosen: [{ from: 'human', value: 'q' }, { from: 'gpt', value: 'a' }], rejected: [{ role: 'user', content: 'q' }, { role: 'assistant', content: 'b' }] }, { prompt: { from: 'human', value: 'q' }, chosen: 'a', rejected: 'b' }, { prompt: { role: 'user', content: 'q' }, chosen: 'a', rejected: 'b' },
  ],
  'unpaired-preference': [
    { prompt: 'q', completion: 'a', label: true }, { prompt: 'q', completion: 'a', label: 0 }, { prompt: '', completion: 'a', label: '👍🏽' }, { prompt: 'q', completion: 'a', label: 'False', id: 'x' }, { prompt: 'q', completion: 'a', label: 'thumbs_down' },
    { prompt: [{ role: 'user', content: 'q' }], completion: [{ role: 'assistant', content: 'a' }], label: false, extra: 1 }, { prompt: [{ role: 'user', content: 'q' }], completion: 'a', label: true }, { prompt: [{ role: 'user', content: 'q' }], completion: { role: 'assistant', content: 'a' }, label: '1' },
    { prompt: [{ from: 'human', value: 'q' }], completion: { from: 'gpt', value: 'a' }, label: true }, { prompt: { from: 'human', value: 'q' }, completion: [{ from: 'model', value: 'a' }], label: false },
  ],
  alpaca: [
    { instruction: 'add', input: '1 2', output: '3' }, { instruction: 'say hi', input: '', output: 'hi' }, { instruction: 'say hi', output: 'hi' }, { instruction: 'x', input: null, output: 'y', system: '' },
    { instruction: 'x', input: 'i', output: 'y', system: 'be brief', history: [['a', 'b'], ['c', 'd']], text: 'rendered' }, { instruction: 'x', output: 'y', history: [] },
  ],
  sharegpt: [
    { conversations: [{ from: 'human', value: 'hi' }, { from: 'gpt', value: 'yo' }] }, { conversations: [{ from: 'system', value: 's' }, { from: 'user', value: 'hi' }, { from: 'chatgpt', value: 'yo', weight: 1 }], id: 'q' },
    { conversations: [{ from: 'human', value: 'hi' }, { from: 'function_call', value: '{}' }, { from: 'observation', value: '1' }, { from: 'gpt', value: '1' }], system: 'be brief', tools: '[{"name": "f"}]' },
    { conversations: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: 'yo' }], system: '' },
  ],
  text: [{ text: 'a' }, { text: ' b\n', url: 'x', tags: { lang: 'en' } }],
};
const read = (format: DatasetFormat, record: JsonRecord): string => { try { format.read(record); return 'read'; } catch (e) { return e instanceof RowError ? `${e.field}: ${e.message}` : `not a row error: ${String(e)}`; } };

describe.each(formatList.map((f) => [f.id, f] as const))('%s', (id, format) => {
  it('gives every example back unchanged, through a canonical row', () => {
    for (const record of examples[id]) {
      const row = format.read(structuredClone(record));
      expect(canonicalRow.parse(row)).toEqual(row);
      expect(row.kind).toBe(format.kind);
      expect(format.write(canonicalRow.parse(JSON.parse(canonicalLine(row))))).toEqual(record);
    }
  });
  it('is what its examples are taken for', () => {
    for (const record of examples[id]) expect(detectFormat([record])?.format.id).toBe(id);
    expect(detectFormat(examples[id])?.confidence).toBeGreaterThan(0.75);
  });
  it('refuses anything else with a row error, never with a crash', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom('messages', 'prompt', 'completion', 'instruction', 'input', 'output', 'conversations', 'text', 'system', 'history', 'tools', 'id', 'tags', 'chosen', 'rejected', 'margin', 'label'), fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>), (record) => {
      const result = read(format, { ...record });
      expect(result).not.toContain('not a row error');
      if (result === 'read') { const row = format.read(record); expect(canonicalRow.safeParse(row).success).toBe(true); expect(format.write(row)).toEqual(record); }
    }), { numRuns: 300 });
  });
  it('names missing fields', () => {
    for (const f of format.fields) if (f.required) {
      const record = Object.fromEntries(Object.entries(examples[id][0] ?? {}).filter(([k]) => k !== f.name));
      expect(read(format, record)).toContain(`"${f.name}"`);
    }
  });
});

describe('registry', () => {
  it('has every id', () => { expect(Object.keys(FORMATS).toSorted()).toEqual([...FORMAT_IDS].toSorted()); expect(() => formatById('xml')).toThrow(expect.objectContaining({ code: 'dataset-format' })); });
});

describe('row errors', () => {
  it.each<[FormatId, JsonRecord, string]>([
    ['messages', { messages: [{ role: 'user' }] }, 'Turn 1 of "messages" needs "content" as text, but it is missing'],
    ['messages', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 'not text'],
    ['messages', { messages: 'hi' }, 'must be a list of turns, but is text'],
    ['messages', { messages: [] }, 'has no turns'],
    ['prompt-completion', { prompt: [{ role: 'user', content: 'a' }], completion: 'b' }, '"completion" is text'],
    ['prompt-completion', { prompt: 'a', completion: ' ' }, 'Field "completion" is empty'],
    ['alpaca', { instruction: 'a', output: 3 }, 'Field "output" must be text, but is a number'],
    ['alpaca', { instruction: 'a', output: 'b', history: [['x']] }, 'Entry 1 of "history"'],
    ['sharegpt', { conversations: [{ from: 'martian', value: 'x' }] }, 'from "martian"'],
    ['text', { text: '' }, 'Field "text" is empty'],
    ['preference', { prompt: 'q', chosen: 'a', rejected: 'b', margin: 'large' }, 'Field "margin" must be a number, but is the text "large"'],
    ['preference', { prompt: 'q', chosen: 'a', rejected: [{ role: 'assistant', content: 'b' }] }, 'must both be text or both be turns'],
    ['preference', { prompt: 'q', chosen: 3, rejected: 'b' }, 'Field "chosen" must be text or a list of turns, but is a number'],
    ['preference', { prompt: 'q', chosen: { from: 'gpt' }, rejected: { from: 'gpt', value: 'b' } }, 'Field "chosen" must be text or a list of turns, but is an object'],
    ['preference', { conversations: [{ from: 'human', value: 'q' }], chosen: { from: 'gpt', value: 'a' }, rejected: { from: 'martian', value: 'b' } }, 'Turn 1 of "rejected" is from "martian"'],
    ['preference', { conversations: [{ from: 'human', value: 'q' }, { from: 'gpt' }], chosen: 'a', rejected: 'b' }, 'Turn 2 of "conversations" needs "from" and "value" as text'],
    ['preference', { conversations: [{ from: 'human', value: 'q' }], chosen: 'a', rejected: 'b', system: 3 }, 'Field "system" must be text, but is a number'],
    ['unpaired-preference', { prompt: 'q', completion: 'a', label: 'perhaps' }, 'Field "label" must be true or false (or 1 or 0, or a thumb up or down), but is the text "perhaps"'],
    ['unpaired-preference', { prompt: 'q', completion: 'a', label: 7 }, 'but is 7'],
    ['unpaired-preference', { prompt: 'q', completion: [{ role: 'assistant', content: 'a' }], label: 1 }, '"prompt" is text, but "completion" is a list of turns'],
  ])('%s %j', (id, record, message) => { expect(read(FORMATS[id], record)).toContain(message); });
});

describe('canonical contents', () => {
  it('Alpaca joins instruction and input with an empty line', () => {
    expect(FORMATS.alpaca.read({ instruction: 'add', input: '1 2', output: '3', system: 's', history: [['a', 'b']] })).toMatchObject({ messages: [{ role: 'system', content: 's' }, { role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }, { role: 'user', content: 'add\n\n1 2' }, { role: 'assistant', content: '3' }] });
  });
  it('tools written as JSON text become tools', () => {
    expect(FORMATS.messages.read({ messages: [{ role: 'user', content: 'a' }], tools: '[{"name":"f"}]' })).toMatchObject({ tools: [{ name: 'f' }], meta: { tools_text: '[{"name":"f"}]' } });
    expect(FORMATS.messages.read({ messages: [{ role: 'user', content: 'a' }], tools: 'none' })).toMatchObject({ meta: { tools: 'none' } });
  });
  it('ShareGPT names become roles', () => {
    expect(FORMATS.sharegpt.read({ conversations: [{ from: 'human', value: 'hi' }, { from: 'gpt', value: 'yo' }] })).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: 'yo' }] });
  });
  it('ShareGPT pairs: the conversation beside the answers is the prompt, the system text before it', () => {
    const [user, good, bad] = [{ from: 'human', value: 'q' }, { from: 'gpt', value: 'a' }, { from: 'gpt', value: 'b' }];
    const answers = { chosen: [{ role: 'assistant', content: 'a' }], rejected: [{ role: 'assistant', content: 'b' }] };
    expect(FORMATS.preference.read({ conversations: [user], chosen: good, rejected: bad, system: 's' })).toMatchObject({ prompt: [{ role: 'system', content: 's' }, { role: 'user', content: 'q' }], ...answers });
    expect(FORMATS.preference.read({ chosen: [user, good], rejected: [user, bad] })).toMatchObject({ prompt: [{ role: 'user', content: 'q' }], ...answers });
    expect(FORMATS.preference.read({ prompt: 'q', chosen: good, rejected: bad })).toMatchObject({ prompt: [{ role: 'user', content: 'q' }], ...answers });
  });
  it('one conversation can be written in three formats', () => {
    const row = FORMATS.messages.read({ messages: [{ role: 'user', content: 'hi' }, { role: 'assistant', content: 'yo' }] });
    expect(FORMATS.sharegpt.write(row)).toEqual({ conversations: [{ from: 'human', value: 'hi' }, { from: 'gpt', value: 'yo' }] });
    expect(FORMATS.alpaca.write(row)).toEqual({ instruction: 'hi', input: '', output: 'yo' });
    expect(() => FORMATS.text.write(row)).toThrow(RowError);
  });
});

describe('the prompt that two answers share', () => {
  const turn = (role: string, content: string): JsonRecord => ({ role, content });
  it.each<[JsonRecord, unknown]>([
    [{ chosen: 'Say hi. Hello', rejected: 'Say hi. Hey' }, { prompt: 'Say hi. He', chosen: 'llo', rejected: 'y' }],
    [{ chosen: 'Sky is blue', rejected: 'Sky is green' }, { prompt: 'Sky is', chosen: ' blue', rejected: ' green' }],
    [{ chosen: 'same', rejected: 'same and more' }, { prompt: 'same', chosen: '', rejected: ' and more' }],
    [{ chosen: 'a', rejected: 'b' }, { prompt: '', chosen: 'a', rejected: 'b' }],
    [{ chosen: '😀', rejected: '😁' }, { prompt: '', chosen: '😀', rejected: '😁' }],
    [{ chosen: [turn('user', 'q'), turn('assistant', 'a')], rejected: [turn('user', 'q'), turn('assistant', 'b')] }, { prompt: [turn('user', 'q')], chosen: [turn('assistant', 'a')], rejected: [turn('assistant', 'b')] }],
    [{ chosen: [turn('user', 'q'), turn('assistant', 'a')], rejected: [turn('user', 'q'), turn('assistant', 'a')] }, { prompt: [turn('user', 'q')], chosen: [turn('assistant', 'a')], rejected: [turn('assistant', 'a')] }],
  ])('%j', (record, row) => { expect(FORMATS.preference.read(record)).toMatchObject(row as Record<string, unknown>); });
  it('gives turns of either spelling back, wherever they stand', () => {
    const text = fc.constantFrom('a', 'b', '');
    const turn = (role: string, name: string): fc.Arbitrary<JsonRecord> => fc.oneof(fc.record({ role: fc.constant(role), content: text }), fc.record({ from: fc.constant(name), value: text }), fc.record({ from: fc.constant(role), value: text, weight: fc.constant(1) }));
    const [user, answer] = [turn('user', 'human'), turn('assistant', 'gpt')];
    /** One spelling per list. */
    const list = (...turns: fc.Arbitrary<JsonRecord>[]): fc.Arbitrary<JsonRecord[]> => fc.tuple(...turns).filter((all) => all.every((t) => ('from' in t) === ('from' in all[0]!)));
    const side = fc.oneof(answer, list(answer), list(user, answer), list(user, answer, user, answer));
    const before = fc.oneof(fc.record({ conversations: fc.oneof(list(user), list(user, answer, user)) }), fc.record({ conversations: list(user), system: text }), fc.record({ prompt: fc.oneof(text, user, list(user)) }), fc.constant({}));
    fc.assert(fc.property(before, side, side, (more, chosen, rejected) => {
      const record = { ...more, chosen, rejected };
      const row = FORMATS.preference.read(structuredClone(record));
      expect(canonicalRow.parse(row)).toEqual(row);
      expect(FORMATS.preference.write(canonicalRow.parse(JSON.parse(canonicalLine(row))))).toEqual(record);
    }), { numRuns: 500 });
  });
  it('reads labels of every kind', () => {
    for (const label of [true, 1, 'true', 'TRUE', '1', '+1', 'yes', 'up', '👍', 'thumbs up', 'Desirable']) expect(FORMATS['unpaired-preference'].read({ prompt: 'q', completion: 'a', label })).toMatchObject({ label: true });
    for (const label of [false, 0, 'false', '0', '-1', 'no', 'down', '👎', 'thumbs-down', ':thumbsdown:']) expect(FORMATS['unpaired-preference'].read({ prompt: 'q', completion: 'a', label })).toMatchObject({ label: false });
  });
});

describe('mapping', () => {
  it.each<[string[], FormatId | undefined, Record<string, string>]>([
    [['question', 'answer'], 'prompt-completion', { prompt: 'question', completion: 'answer' }],
    [['Prompt', 'Completion'], 'prompt-completion', { prompt: 'Prompt', completion: 'Completion' }],
    [['promt', 'completions'], 'prompt-completion', { prompt: 'promt', completion: 'completions' }],
    [['instruction', 'response', 'context'], 'alpaca', { instruction: 'instruction', output: 'response', input: 'context' }],
    [['conversation'], 'messages', { messages: 'conversation' }],
    [['body'], 'text', { text: 'body' }],
    [['question', 'response_chosen', 'response_rejected'], 'preference', { prompt: 'question', chosen: 'response_chosen', rejected: 'response_rejected' }],
    [['instruction', 'better', 'worse'], 'preference', { prompt: 'instruction', chosen: 'better', rejected: 'worse' }],
    [['question', 'response', 'feedback'], 'unpaired-preference', { prompt: 'question', completion: 'response', label: 'feedback' }],
    [['x', 'y'], undefined, {}],
  ])('%j', (columns, format, mapping) => {
    const found = suggestFormat(columns);
    expect(found?.format.id).toBe(format);
    expect(found?.mapping ?? {}).toEqual(mapping);
  });
  it('renames, and keeps a column that stands in the way', () => {
    expect(applyMapping({ question: 'q', answer: 'a', prompt: 'p' }, { prompt: 'question', completion: 'answer' })).toEqual({ prompt: 'q', completion: 'a', 'prompt (column)': 'p' });
    expect(applyMapping({ a: 'x', b: 'y' }, { a: 'b', b: 'a' })).toEqual({ a: 'y', b: 'x' });
  });
  it('edit distance', () => { expect([editDistance('prompt', 'promt'), editDistance('ab', 'ba'), editDistance('', 'abc'), editDistance('same', 'same')]).toEqual([1, 1, 3, 0]); });
});
