/** Rows written as a file come back the same when the file is imported; a row that a format cannot hold is named and leaves nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDataset } from '../../src/main/data/version/dataset.ts';
import { EXPORT_FILES, exportDataset } from '../../src/main/data/version/export-dataset.ts';
import { importDataset } from '../../src/main/data/version/import-dataset.ts';
import type { CanonicalRow } from '../../src/shared/formats.ts';

const root = mkdtempSync(join(tmpdir(), 'anneal-export-data-'));
afterAll(() => { rmSync(root, { recursive: true, force: true }); });

const GIVEN: Record<string, { lines: object[]; formats: string[] }> = {
  messages: { lines: [{ messages: [{ role: 'system', content: 'Be brief, "please".' }, { role: 'user', content: 'One,\ntwo; three|four' }, { role: 'assistant', content: ' 五 ' }], task: 'odd' }, { messages: [{ role: 'user', content: 'x' }, { role: 'assistant', content: '=1+1' }] }], formats: ['messages', 'sharegpt'] },
  pairs: { lines: [{ prompt: 'Say "hi", now', completion: 'hi\r\nthere' }, { prompt: 'b', completion: 'c', note: 'kept' }], formats: ['prompt-completion'] },
  judged: { lines: [{ prompt: 'Say "hi", now', completion: 'hi\r\nthere', label: true }, { prompt: [{ role: 'user', content: 'b' }], completion: [{ role: 'assistant', content: 'c;d' }], label: '👎' }], formats: ['unpaired-preference'] },
  preferences: { lines: [{ prompt: 'q', chosen: ' a, b', rejected: ' [{"x": 1}]', margin: 0.5 }, { chosen: [{ role: 'user', content: 'q' }, { role: 'assistant', content: 'a' }], rejected: [{ role: 'user', content: 'q' }, { role: 'assistant', content: 'b' }] }], formats: ['preference'] },
  texts: { lines: [{ text: 'First line\nsecond line' }, { text: 'a;b|c\td' }], formats: ['text'] },
};
async function rowsOf(dir: string): Promise<CanonicalRow[]> {
  const dataset = await openDataset(dir);
  try { return await dataset.rows(0, dataset.count); } finally { await dataset.close(); }
}
async function imported(name: string, lines: readonly object[]): Promise<string> {
  const file = join(root, `${name}.jsonl`);
  writeFileSync(file, lines.map((l) => JSON.stringify(l)).join('\n'));
  return (await importDataset(file, join(root, 'versions'))).dir;
}

test.each(Object.entries(GIVEN).flatMap(([name, { formats }]) => formats.flatMap((format) => EXPORT_FILES.map((file) => [name, format, file] as const))))('%s as %s in %s come back the same', async (name, format, file) => {
  const dir = await imported(name, GIVEN[name]!.lines), path = join(root, `${name}-${format}.${file}`), dataset = await openDataset(dir);
  const written = await exportDataset(dataset, path, { format, file });
  await dataset.close();
  expect(written).toEqual({ rows: 2, bytes: readFileSync(path).length });
  const again = await rowsOf((await importDataset(path, join(root, `again-${name}-${format}-${file}`), { format })).dir);
  const bare = (rows: CanonicalRow[]): unknown => (file === 'jsonl' ? rows : rows.map((r) => (r.kind === 'messages' ? r.messages : r.kind === 'text' ? r.text : r.kind === 'preference' ? [r.prompt, r.chosen, r.rejected, r.margin] : r.kind === 'unpaired-preference' ? [r.prompt, r.completion, r.label] : [r.prompt, r.completion])));
  expect(bare(again)).toEqual(bare(await rowsOf(dir)));
});

test('a row that the format cannot hold is named, and nothing is left', async () => {
  const turns = [{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }];
  const dataset = await openDataset(await imported('mixed', [{ messages: turns }, { messages: [{ role: 'user', content: 'a' }, { role: 'tool', content: 'b' }, { role: 'assistant', content: 'c' }] }]));
  const folder = mkdtempSync(join(root, 'out-'));
  await expect(exportDataset(dataset, join(folder, 'x.jsonl'), { format: 'alpaca', file: 'jsonl' })).rejects.toMatchObject({ code: 'row-invalid', message: expect.stringMatching(/^Row 2: /) as string });
  const stop = new AbortController();
  stop.abort();
  await expect(exportDataset(dataset, join(folder, 'y.csv'), { format: 'messages', file: 'csv', signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
  await dataset.close();
  expect(readdirSync(folder)).toEqual([]);
});
