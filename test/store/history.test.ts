/** Every schema that was ever released still opens, with all it held. One file a schema under fixtures/. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/main/store/migrations/index.ts';
import { openStore } from '../../src/main/store/open.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');

test('there is a fixture for every schema', () => {
  expect(readdirSync(FIXTURES).toSorted()).toEqual(MIGRATIONS.map((m) => `schema-${m.version}.sql`).toSorted());
});

test.each(MIGRATIONS.map((m) => m.version))('schema %i', (version) => {
  const home = mkdtempSync(join(tmpdir(), 'anneal-history-'));
  try {
    const db = new Database(join(home, 'anneal.db'));
    db.exec(readFileSync(join(FIXTURES, `schema-${version}.sql`), 'utf8'));
    db.close();
    const store = openStore(home);
    expect([store.models, store.runs, store.checkpoints].map((c) => [c.list().length, c.unreadable])).toEqual([[1, []], [1, []], [1, []]]);
    expect(store.runs.get('r')).toMatchObject({ status: 'completed', step: 20 });
    expect(store.metrics.series('r', { names: ['loss'], x: 'step', points: 100 })[0]?.mean).toEqual([...Array.from({ length: 10 }, (_, i) => i + 1), ...Array.from({ length: 10 }, (_, i) => 100 + i)]);
    expect(store.samples.list('r')).toHaveLength(1);
    expect(store.logs.list('r', 0, 10)).toEqual([{ seq: 1, time: 5, level: 'info', text: 'hello' }]);
    expect(store.settings.get().theme).toBe('dark');
    store.close();
  } finally { rmSync(home, { recursive: true, force: true }); }
});
