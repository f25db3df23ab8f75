import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CsvRows } from '../../src/main/data/files/csv-rows.ts';
import { delimiterOf } from '../../src/main/data/files/csv.ts';
import { readRecords } from '../../src/main/data/files/index.ts';
import { openSource, type RawRecord, type ReadOptions } from '../../src/main/data/files/source-file.ts';
import { openDataset, rowText } from '../../src/main/data/version/dataset.ts';
import { importDataset, type ImportOptions } from '../../src/main/data/version/import-dataset.ts';
import { inspectDataset } from '../../src/main/data/version/inspect-dataset.ts';
import { canonicalLine } from '../../src/main/data/version/version-writer.ts';

let dir = '';
let out = '';
beforeAll(async () => { dir = await mkdtemp(join(tmpdir(), 'anneal-data-')); out = join(dir, 'versions'); });
afterAll(async () => { await rm(dir, { recursive: true, force: true }); });
const file = async (name: string, content: string | Uint8Array): Promise<string> => { const path = join(dir, name); await writeFile(path, content); return path; };
const records = async (name: string, content: string | Uint8Array, options: ReadOptions = {}): Promise<RawRecord[]> => { const all: RawRecord[] = []; for await (const r of readRecords(await openSource(await file(name, content)), options)) all.push(r); return all; };
const short = (rs: RawRecord[]): unknown[] => rs.map((r) => ('record' in r ? [r.line, r.record] : [r.line, r.error.message]));
const imported = async (name: string, content: string | Uint8Array, options: ImportOptions = {}): ReturnType<typeof importDataset> => importDataset(await file(name, content), out, options);

describe('JSON Lines', () => {
  it('numbers lines through every kind of line end, BOM and blank lines', async () => {
    expect(short(await records('a.jsonl', '\ufeff{"text":"1"}\n{"text":"2"}\r\n\r\n{"text":"4"}\r{"text":"5"}\n\n  \n{"text":"8"}'))).toEqual([[1, { text: '1' }], [2, { text: '2' }], [4, { text: '4' }], [5, { text: '5' }], [8, { text: '8' }]]);
  });
  it('names bad lines and goes on', async () => {
    const got = await records('b.jsonl', Buffer.concat([Buffer.from('{"text":"1"}\n{"text":}\n[1]\n{"a":"\u0000"}\n"x"\n'), Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), Buffer.from('{"text":"7"}\n{"__proto__":{"x":1}}\n{"text":"9')]));
    expect(short(got)).toEqual([
      [1, { text: '1' }], [2, 'The line is not valid JSON: unexpected "}".'], [3, 'The line must be a JSON object with named fields, but is a list.'], [4, 'The line holds a NUL byte; the file is damaged or not a text file.'],
      [5, 'The line must be a JSON object with named fields, but is text.'], [6, 'The line is not valid UTF-8; save the file as UTF-8.'], [7, { text: '7' }], [8, 'The line has a field called "__proto__", which is not allowed.'], [9, 'The line is not valid JSON: it ends too early, as if cut off.'],
    ]);
  });
  it('refuses nesting that would exhaust the stack', async () => {
    const deep = `{"text":"a","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(short(await records('deep.jsonl', `${deep}\n{"text":"b"}`))).toEqual([[1, 'The line is nested more than 200 levels deep.'], [2, { text: 'b' }]]);
    expect(short(await records('deep.json', `[${deep}, {"text":"b"}]`))).toEqual([[1, 'The row is nested more than 200 levels deep.'], [1, { text: 'b' }]]);
    expect(short(await records('deep.csv', `text,tags\na,${'['.repeat(50_000)}${']'.repeat(50_000)}\n`))).toEqual([[2, { text: 'a', tags: expect.stringMatching(/^\[{50000}/) as string }]]);
  });
  it('does not hold a 50 MB line', async () => {
    const path = await file('long.jsonl', '{"text":"1"}\n');
    const piece = Buffer.alloc(1024 * 1024, 0x61);
    await writeFile(path, '{"text":"', { flag: 'a' });
    for (let i = 0; i < 50; i++) await writeFile(path, piece, { flag: 'a' });
    await writeFile(path, '"}\n{"text":"3"}\n', { flag: 'a' });
    const got = await inspectDataset(path);
    expect(got).toMatchObject({ rows: 2, bad_rows: 1, bad: [{ line: 2, code: 'dataset-syntax', message: 'The line has 52 MB; a record may have 34 MB at most.' }] });
  });
  it('keeps integers beyond 2^53 digit for digit', async () => {
    const { dir: version } = await imported('big.jsonl', '{"text":"a","n":12345678901234567890,"m":9007199254740993,"f":1.5}');
    expect(await readFile(join(version, 'rows.jsonl'), 'utf8')).toBe('{"kind":"text","text":"a","meta":{"n":12345678901234567890,"m":9007199254740993,"f":1.5}}\n');
  });
});

describe('JSON', () => {
  it('reads a list, with the line of every row', async () => {
    expect(short(await records('a.json', '[\n  {"text": "a, ]}"},\n  {"text": "b\\"["}\n, {"text":\n"c"}\n]\n'))).toEqual([[2, { text: 'a, ]}' }], [3, { text: 'b"[' }], [4, { text: 'c' }]]);
  });
  it('reads a list under data, whatever else is there', async () => {
    expect(short(await records('b.json', '{"version": [1, {"data": [3]}],\n "x": {"data": [4]}, "data" : [ {"text":"a"}, {"text":"b"} ], "rest": [{"text":"no"}]}'))).toEqual([[2, { text: 'a' }], [2, { text: 'b' }]]);
  });
  it('takes JSON Lines in a .json file for what it is', async () => {
    expect(short(await records('c.json', '{"text":"a"}\n{"text":"b"}\n'))).toEqual([[1, { text: 'a' }], [2, { text: 'b' }]]);
  });
  it('names a bad row and goes on; says where a truncated file ends', async () => {
    expect(short(await records('d.json', '[{"text":"a"},\n{"text":b},\n{"text":"c"},\n{"text":"d'))).toEqual([[1, { text: 'a' }], [2, 'The row is not valid JSON: unexpected "b".'], [3, { text: 'c' }], [4, 'The file ends inside this row, as if cut off.']]);
    expect(short(await records('e.json', '[{"text":"a"},'))).toEqual([[1, { text: 'a' }], [1, 'The file ends before its list is closed, as if cut off.']]);
    expect(short(await records('f.json', 'hello'))).toEqual([[1, 'The file must hold a JSON list of rows, or an object with the list under "data".']]);
    expect(short(await records('g.json', '{"a":\n{}}'))).toEqual([[1, expect.stringContaining('without a list of rows')]]);
    expect(short(await records('h.json', '[{"text":"a"}] x'))).toEqual([[1, { text: 'a' }], [1, 'There is text after the end of the list.']]);
  });
  it('agrees with JSON.parse on any list of objects, however it is cut into chunks', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.dictionary(fc.string().filter((k) => k !== '__proto__'), fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown>), { maxLength: 6 }), fc.constantFrom(undefined, 1), fc.boolean(), async (list, indent, wrapped) => {
      const text = JSON.stringify(wrapped ? { data: list } : list, null, indent);
      if (text.includes('\\u0000') || text.includes('__proto__')) return;
      expect((await records('p.json', text)).map((r) => ('record' in r ? r.record : r.error))).toEqual(list.map((x) => JSON.parse(JSON.stringify(x)) as unknown));
    }), { numRuns: 60 });
  });
});

describe('CSV', () => {
  it('reads quotes, delimiters, line ends, BOM, and counts lines through cells of many lines', async () => {
    const rows = [[2, { prompt: 'a', completion: 'x "y", z' }], [3, { prompt: 'two\nlines', completion: 'b' }], [5, { prompt: '中', completion: '' }]];
    for (const end of ['\n', '\r\n']) for (const d of [',', ';', '\t', '|']) {
      const text = ['\ufeffprompt', `${d}completion`, end, `a${d}"x ""y"", z"`, end, `"two\nlines"${d}b`, end, `中${d}`, end].join('');
      expect(short(await records('a.csv', text))).toEqual(rows);
    }
    expect(short(await records('cr.csv', 'prompt,completion\ra,b\rc,d'))).toEqual([[2, { prompt: 'a', completion: 'b' }], [3, { prompt: 'c', completion: 'd' }]]);
    expect(short(await records('mixed.csv', 'prompt,completion\r\na,b\nc,d\r\n\ne,f'))).toEqual([[2, { prompt: 'a', completion: 'b' }], [3, { prompt: 'c', completion: 'd' }], [5, { prompt: 'e', completion: 'f' }]]);
  });
  it('names rows with too many or too few cells, broken quotes and NUL bytes, and goes on', async () => {
    const got = await records('b.csv', 'prompt,completion\na,b,c\nd\ne,f\ng,"h" i\nj,k\nl,\u0000\nm,"n\no,p\n');
    const byLine = new Map(short(got).map((x) => x as [number, unknown]));
    expect(byLine.get(2)).toBe('The row has 3 cells, but the header has 2.');
    expect(byLine.get(3)).toBe('The row has 1 cells, but the header has 2.');
    expect(byLine.get(4)).toEqual({ prompt: 'e', completion: 'f' });
    expect(byLine.get(5)).toContain('closing quote');
    expect(byLine.get(6)).toEqual({ prompt: 'j', completion: 'k' });
    expect(byLine.get(7)).toContain('NUL');
    expect(byLine.get(8)).toBe('A quoted cell is never closed, so lines 8 to 10 cannot be read.');
    expect(byLine.size).toBe(7);
  });
  it('refuses two columns of one name and text that is not UTF-8', async () => {
    await expect(records('c.csv', 'a,a\n1,2\n')).rejects.toMatchObject({ code: 'dataset-columns' });
    await expect(records('d.csv', Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xff, 0x2c, 0x31]))).rejects.toMatchObject({ code: 'dataset-syntax', message: expect.stringContaining('UTF-8') as string });
  });
  it('reads any cells, however the text is cut', () => {
    const quote = (s: string, force: boolean): string => (force || /[",\r\n]/.test(s) || s === '' ? `"${s.replaceAll('"', '""')}"` : s);
    const cellText = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '中', ' ') , maxLength: 6 });
    fc.assert(fc.property(fc.array(fc.array(cellText, { minLength: 2, maxLength: 3 }), { maxLength: 5 }), fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), fc.array(fc.nat(40), { maxLength: 6 }), (rows, end, force, cuts) => {
      const text = rows.map((r) => r.map((c) => quote(c, force)).join(',') + end).join('');
      const parser = new CsvRows(',', 1000);
      const marks = [0, ...cuts.map((c) => Math.min(c, text.length)).toSorted((a, b) => a - b), text.length];
      const got = [...marks.slice(1).flatMap((m, i) => [...parser.push(text.slice(marks[i], m))]), ...parser.end()];
      expect(got.map((g) => ('cells' in g ? g.cells : g.problem))).toEqual(rows);
      let line = 1;
      expect(got.map((g) => g.line)).toEqual(rows.map((r) => { const at = line; line += 1 + r.join(',').split(/\r\n|\r|\n/).length - 1; return at; }));
    }), { numRuns: 300 });
  });
  it('finds the delimiter outside of quotes', () => { expect([delimiterOf('a,b'), delimiterOf('"a,b,c";d'), delimiterOf('a\tb'), delimiterOf('one')]).toEqual([',', ';', '\t', ',']); });
  it('reads lists from cells that hold JSON, and treats empty cells as absent', async () => {
    const { dir: version, meta } = await imported('m.csv', 'messages,tags,note\n"[{""role"":""user"",""content"":""a""},{""role"":""assistant"",""content"":""b""}]","{""task"":""t""}",\n');
    const d = await openDataset(version);
    expect(await d.row(0)).toEqual({ kind: 'messages', messages: [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }], tags: { task: 't' } });
    expect(meta.columns).toEqual(['messages', 'tags', 'note']);
    await d.close();
  });
});

describe('text', () => {
  it('by lines and by paragraphs', async () => {
    expect(short(await records('a.txt', 'a\r\nb\n\nc'))).toEqual([[1, { text: 'a' }], [2, { text: 'b' }], [4, { text: 'c' }]]);
    expect(short(await records('a.txt', 'a\r\nb\n\n\nc', { textUnit: 'paragraph' }))).toEqual([[1, { text: 'a\nb' }], [5, { text: 'c' }]]);
    expect(short(await records('b.txt', Buffer.from([0x61, 0x0a, 0x00, 0x0a, 0xff, 0x0a, 0x62])))).toEqual([[1, { text: 'a' }], [2, expect.stringContaining('NUL')], [3, expect.stringContaining('UTF-8')], [4, { text: 'b' }]]);
  });
});

describe('files that are none', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['empty.jsonl', '', 'dataset-empty'], ['blank.jsonl', '\n \n', 'dataset-empty'], ['list.json', '[]', 'dataset-empty'], ['header.csv', 'prompt,completion\n', 'dataset-empty'], ['p.parquet', 'PAR1....', 'dataset-format'], ['z.csv', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'dataset-format'],
    ['u16.csv', Buffer.from([0xff, 0xfe, 0x61, 0]), 'dataset-syntax'], ['x.bin', 'hello', 'dataset-format'], ['broken.jsonl', '{"text":', 'dataset-syntax'],
  ])('%s', async (name, content, code) => { await expect(imported(name, content)).rejects.toMatchObject({ code }); });
  it('a missing file and a folder', async () => {
    await expect(importDataset(join(dir, 'none.jsonl'), out)).rejects.toMatchObject({ code: 'file-not-found' });
    await expect(inspectDataset(dir)).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});

describe('inspect', () => {
  it('shows format, columns, rows, and what is wrong', async () => {
    const got = await inspectDataset(await file('i.jsonl', '{"prompt":"a","completion":"b","x":1}\n{"prompt":"a"}\n{"prompt":\n{"prompt":"c","completion":"d"}'), { sample: 1 });
    expect(got).toMatchObject({ format: 'prompt-completion', kind: 'prompt-completion', confidence: expect.closeTo(0.6, 5) as number, columns: ['prompt', 'completion', 'x'], mapping_needed: false, rows: 2, bad_rows: 2, message: null, bytes: 95 });
    expect(got.sample).toEqual([{ kind: 'prompt-completion', prompt: 'a', completion: 'b', meta: { x: 1 } }]);
    expect(got.bad).toEqual([{ line: 2, code: 'row-invalid', message: 'Field "completion" is missing.' }, { line: 3, code: 'dataset-syntax', message: 'The line is not valid JSON: it ends too early, as if cut off.' }]);
  });
  it('offers a mapping for wrong columns, and reads with it', async () => {
    const path = await file('q.csv', 'question,answer\na,b\nc,d\n');
    const got = await inspectDataset(path);
    expect(got).toMatchObject({ format: null, mapping_needed: true, suggested_format: 'prompt-completion', mapping: { prompt: 'question', completion: 'answer' }, rows: 0 });
    expect(got.message).toContain('map them as prompt=question, completion=answer');
    await expect(importDataset(path, out)).rejects.toMatchObject({ code: 'dataset-columns', params: { format: 'prompt-completion', mapping: 'prompt=question, completion=answer' } });
    expect(await inspectDataset(path, { mapping: got.mapping })).toMatchObject({ format: 'prompt-completion', mapping_needed: false, rows: 2, message: null });
    expect(await inspectDataset(path, { format: 'alpaca' })).toMatchObject({ format: 'alpaca', mapping_needed: true, mapping: { instruction: 'question', output: 'answer' } });
    expect((await inspectDataset(path, { mapping: { prompt: 'question', completion: 'reply' } })).message).toContain('has no column "reply" as the mapping says (its columns: question, answer); map them as prompt=question, completion=answer');
    const odd = await inspectDataset(await file('odd.csv', 'x,y\n1,2\n'));
    expect(odd).toMatchObject({ format: null, mapping_needed: true, suggested_format: null, mapping: {} });
  });
});

describe('import', () => {
  it('names the first bad line and leaves nothing behind', async () => {
    const before = await readdir(out);
    await expect(imported('bad.jsonl', '{"text":"a"}\n{"text":"b"}\n{"text"\n')).rejects.toMatchObject({ code: 'dataset-syntax', params: { line: 3 }, message: expect.stringContaining('line 3:') as string });
    await expect(imported('bad2.jsonl', '{"text":"a"}\n{"text":7}\n')).rejects.toMatchObject({ code: 'row-invalid', message: expect.stringContaining('line 2: Field "text" must be text, but is a number.') as string });
    const abort = new AbortController();
    abort.abort();
    await expect(imported('ok.jsonl', '{"text":"a"}\n', { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(await readdir(out)).toEqual(before);
  });
  it('removes what a killed import has left, and nothing of a living one', async () => {
    const place = join(dir, 'swept');
    const { pid: gone } = spawnSync(process.execPath, ['-e', '']);
    const dead = join(place, `.writing-${gone}-aa`);
    const alive = join(place, `.writing-${process.pid}-bb`);
    await mkdir(dead, { recursive: true });
    await mkdir(alive, { recursive: true });
    const { meta } = await importDataset(await file('sweep.jsonl', '{"text":"a"}'), place);
    expect((await readdir(place)).toSorted()).toEqual([`.writing-${process.pid}-bb`, meta.hash]);
  });
  it('skips bad rows only when asked, and counts them', async () => {
    const { meta, dir: version } = await imported('skip.jsonl', '{"text":"a"}\n{"text"\n{"text":"c"}\n', { skipBadRows: true });
    expect(meta).toMatchObject({ rows: 2, bad_rows: 1, bad: [{ line: 2, code: 'dataset-syntax' }], file_name: 'skip.jsonl' });
    const d = await openDataset(version);
    expect(await d.rows(0, 10)).toEqual([{ kind: 'text', text: 'a' }, { kind: 'text', text: 'c' }]);
    await d.close();
  });
  it('names a version by the content of its canonical rows, whatever file they came from', async () => {
    const a = await imported('one.jsonl', '{"text":"same"}\n{"text":"rows"}\n');
    const b = await imported('two.json', '[{"text":"same"}, {"text":"rows"}]');
    const c = await imported('three.csv', 'text\nsame\nrows\n');
    expect([b.dir, c.dir]).toEqual([a.dir, a.dir]);
    expect([a.existed, b.existed]).toEqual([false, true]);
    expect(a.meta.hash).toBe(createHash('sha256').update('{"kind":"text","text":"same"}\n{"kind":"text","text":"rows"}\n').digest('hex'));
    expect((await readdir(a.dir)).toSorted()).toEqual(['meta.json', 'rows.idx', 'rows.jsonl']);
  });
  it('gives any rows back, at any place', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ text: fc.string({ unit: 'binary' }).map((s) => `x${s}`), extra: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<unknown> }), { minLength: 1, maxLength: 12 }), async (rows) => {
      const content = rows.map((r) => `${JSON.stringify(r)}\n`).join('');
      if (content.includes('__proto__')) return;
      const { dir: version } = await imported('prop.jsonl', content);
      const d = await openDataset(version);
      try {
        const expected = rows.map((r) => ({ kind: 'text', text: r.text, meta: { extra: JSON.parse(JSON.stringify(r.extra)) as unknown } }));
        expect(d.count).toBe(rows.length);
        expect(await d.rows(0, 100)).toEqual(expected);
        const all = [];
        for await (const row of d) all.push(row);
        expect(all).toEqual(expected);
        for (let i = 0; i < rows.length; i++) expect(await d.row(i)).toEqual(expected[i]);
        expect(await d.rows(rows.length, 5)).toEqual([]);
        await expect(d.row(rows.length)).rejects.toMatchObject({ code: 'not-found' });
      } finally { await d.close(); }
    }), { numRuns: 40 });
  });
  it('searches by text', async () => {
    const rows = Array.from({ length: 600 }, (_, i) => ({ prompt: `Question ${i}`, completion: i % 100 === 7 ? 'A Needle here' : 'hay' }));
    const { dir: version } = await imported('search.jsonl', rows.map((r) => JSON.stringify(r)).join('\n'));
    const d = await openDataset(version);
    expect((await d.search('needle')).map((h) => h.index)).toEqual([7, 107, 207, 307, 407, 507]);
    expect((await d.search('needle', { offset: 1, limit: 2 })).map((h) => h.index)).toEqual([107, 207]);
    expect((await d.search('question 42'))[0]?.snippet).toBe('Question 42\nhay');
    expect(await d.search('')).toEqual([]);
    expect(rowText(await d.row(3))).toBe('Question 3\nhay');
    await d.close();
  });
  it('canonical lines have one key order', () => {
    expect(canonicalLine({ text: 'a', kind: 'text', meta: { b: 1, a: 2 }, id: 'x' })).toBe('{"kind":"text","id":"x","text":"a","meta":{"b":1,"a":2}}\n');
  });
});

describe('damaged versions', () => {
  it('are refused with what to do', async () => {
    const { dir: version } = await imported('damage.jsonl', '{"text":"a"}\n{"text":"b"}\n');
    await expect(openDataset(join(out, 'nothing'))).rejects.toMatchObject({ code: 'file-not-found' });
    await truncate(join(version, 'rows.jsonl'), 10);
    await expect(openDataset(version)).rejects.toMatchObject({ code: 'dataset-syntax', message: expect.stringContaining('Import the file again') as string });
    await writeFile(join(version, 'meta.json'), '{');
    await expect(openDataset(version)).rejects.toMatchObject({ code: 'dataset-syntax' });
  });
});
