import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readWindowState, visibleBounds, writeWindowState } from '../../src/main/shell/window-state.ts';
import { WORDS } from '../../src/main/shell/words.ts';

const folder = mkdtempSync(join(tmpdir(), 'anneal-window-'));
afterAll(() => { rmSync(folder, { recursive: true }); });

test('what was written is read; what is missing or broken gives defaults, field by field', () => {
  const file = join(folder, 'deep/window.json'), state = { bounds: { x: 1, y: 2, width: 900, height: 600 }, maximized: true, theme: 'dark', locale: 'zh-CN' } as const;
  const defaults = { bounds: null, maximized: false, theme: 'system', locale: 'en' };
  expect(readWindowState(file)).toEqual(defaults);
  writeWindowState(file, state);
  expect(readWindowState(file)).toEqual(state);
  writeFileSync(file, '{"theme":"dark","bounds":{"x":"?"},"maximized":');
  expect(readWindowState(file)).toEqual(defaults);
  writeFileSync(file, '{"theme":"dark","bounds":{"x":"?"}}');
  expect(readWindowState(file)).toEqual({ ...defaults, theme: 'dark' });
  writeFileSync(file, '[]');
  expect(readWindowState(file)).toEqual(defaults);
});

test('a remembered place that no screen shows any more is forgotten', () => {
  const screens = [{ x: 0, y: 0, width: 1920, height: 1080 }], at = (x: number, y: number) => ({ x, y, width: 1000, height: 700 });
  expect(visibleBounds(at(100, 100), screens)).toEqual(at(100, 100));
  expect(visibleBounds(at(1850, 100), screens)).toBeUndefined();
  expect(visibleBounds(at(2500, 100), screens)).toBeUndefined();
  expect(visibleBounds(at(100, -300), screens)).toBeUndefined();
  expect(visibleBounds(null, screens)).toBeUndefined();
});

test('both languages say everything', () => {
  expect(Object.keys(WORDS.en)).toEqual(Object.keys(WORDS['zh-CN']));
  expect(WORDS.en.quitTitle(2)).toContain('2');
});
