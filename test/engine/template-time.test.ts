/** A template that writes the date renders it as of the run's creation, whenever the run is continued. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openModelText } from '../../src/main/engine/services/model-text.ts';
import { tinyFiles } from '../data/tiny-tokenizer.ts';

it('renders the date that it is given', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anneal-date-')), files = tinyFiles();
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(files.tokenizer));
  writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(files.config));
  const model = { folder, checkpoint: null, chat_template: "{{ strftime_now('%Y-%m-%d %H:%M') }} {{ messages[0].content }}" };
  const { template } = await openModelText({ ...model, template_time: new Date(2026, 0, 31, 23, 59).getTime() });
  expect(template?.render([{ role: 'user', content: 'x' }])).toBe('2026-01-31 23:59 x');
  expect((await openModelText(model)).template?.render([{ role: 'user', content: 'x' }])).toContain(String(new Date().getFullYear()));
  rmSync(folder, { recursive: true });
});
