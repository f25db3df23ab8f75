/** No room for a record: the code says so, memory and disk agree on what is there, and with room again writing goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Connection } from '../../src/main/store/connection.ts';
import { migrate } from '../../src/main/store/migrate.ts';
import { MIGRATIONS } from '../../src/main/store/migrations/index.ts';
import { models } from '../../src/main/store/models.ts';
import { testModel } from '../support/records.ts';

test('full', () => {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-full-')), path = join(folder, 'anneal.db');
  const connection = new Connection(path);
  migrate(connection, MIGRATIONS, join(folder, 'backups'));
  const used = Number(connection.db.pragma('page_count', { simple: true }));
  connection.db.pragma(`max_page_count = ${used + 10}`); // SQLite answers as it does on a full disk
  const records = models(connection), heard: string[] = [];
  connection.onChange((c) => { heard.push(c.id); });
  let written = 0;
  expect(() => { for (; written < 1000; written++) records.put(testModel(`m${written}`, { license: 'x'.repeat(2000) })); }).toThrow(expect.objectContaining({ code: 'disk-full' }));
  expect(written).toBeGreaterThan(3);
  expect(records.list()).toHaveLength(written);
  expect(heard).toHaveLength(written);
  connection.db.pragma('max_page_count = 100000');
  records.put(testModel('later'));
  connection.close();
  const again = new Connection(path);
  expect(models(again).list().map((m) => m.id)).toEqual([...Array.from({ length: written }, (_, i) => `m${i}`), 'later']);
  again.close();
  rmSync(folder, { recursive: true, force: true });
});
