/** The one record of settings. A value that a later schema no longer allows falls back to its default; the others stay. */
import { settings } from '../../shared/schema/entities.ts';
import type { Settings } from '../../shared/schema/entities.ts';
import type { Connection } from './connection.ts';

const ID = 'settings';

export class SettingsRecord {
  readonly #connection: Connection;
  #current: Settings;

  constructor(connection: Connection) {
    this.#connection = connection;
    const row = connection.sql<[string], { record: string }>('SELECT record FROM settings WHERE id = ?').get(ID);
    this.#current = readSettings(row?.record);
  }

  get(): Settings { return this.#current; }

  set(patch: Partial<Settings>): Settings {
    const before = this.#current, next = settings.parse({ ...before, ...patch });
    this.#connection.write(() => {
      this.#connection.sql('INSERT INTO settings (id, created_at, record) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET record = excluded.record').run(ID, Date.now(), JSON.stringify(next));
    }, () => { this.#current = before; });
    this.#current = next;
    this.#connection.changed({ topic: 'settings', id: ID, record: next });
    return next;
  }
}

function readSettings(text: string | undefined): Settings {
  let stored: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    if (typeof value === 'object' && value !== null) stored = value as Record<string, unknown>;
  } catch { /* defaults */ }
  const fields = settings.shape as Record<string, { safeParse(value: unknown): { success: boolean } }>;
  return settings.parse(Object.fromEntries(Object.entries(stored).filter(([key, value]) => fields[key]?.safeParse(value).success === true)));
}
