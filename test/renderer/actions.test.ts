/** Commands: unique ids and shortcuts, keys are recognised in any layout, typing is never taken away. */
import { describe, expect, it } from 'vitest';
import { GLOBAL_ACTIONS } from '../../src/renderer/src/actions/global-actions.ts';
import { matchShortcut, pressName } from '../../src/renderer/src/actions/match-shortcut.ts';
import { searchActions } from '../../src/renderer/src/actions/search-actions.ts';
import { en } from '../../src/renderer/src/i18n/resources.ts';

const press = (key: string, code = '', modifiers: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) => pressName({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...modifiers });

describe('the registry', () => {
  it('has unique ids and shortcuts', () => {
    const ids = GLOBAL_ACTIONS.map((a) => a.id), keys = GLOBAL_ACTIONS.flatMap((a) => (a.shortcut === undefined ? [] : [a.shortcut]));
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(keys).size).toBe(keys.length);
  });
  it('has no shortcut that is the first half of another: it could never be finished', () => {
    const keys = GLOBAL_ACTIONS.flatMap((a) => (a.shortcut === undefined ? [] : [a.shortcut]));
    for (const key of keys) expect(keys.filter((k) => k.startsWith(`${key} `)), key).toEqual([]);
  });
  it('has a label for every command', () => {
    const labels = en.common.action as Record<string, string>;
    for (const a of GLOBAL_ACTIONS) expect(labels[a.label.replace('action.', '')], a.id).toBeTypeOf('string');
  });
});

describe('pressName', () => {
  it('writes keys as shortcuts do', () => {
    expect(press('k', 'KeyK', { ctrlKey: true })).toBe('Mod+K');
    expect(press('k', 'KeyK', { metaKey: true })).toBe('Mod+K');
    expect(press(' ', 'Space')).toBe('Space');
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
    expect(press('T', 'KeyT', { shiftKey: true })).toBe('Shift+T');
    expect(press('Enter', 'Enter', { ctrlKey: true })).toBe('Mod+Enter');
    expect(press('Shift', 'ShiftLeft', { shiftKey: true })).toBeNull();
  });
  it('takes the place of a letter where the layout is not Latin', () => {
    expect(press('л', 'KeyK', { ctrlKey: true })).toBe('Mod+K');
    expect(press('п', 'KeyG')).toBe('G');
  });
});

describe('matchShortcut', () => {
  const actions = [{ id: 'home', shortcut: 'G H' }, { id: 'palette', shortcut: 'Mod+K' }, { id: 'compare', shortcut: 'C' }, { id: 'goCompare', shortcut: 'G C' }];
  it('waits for the second key of a pair', () => {
    expect(matchShortcut(actions, null, 'G')).toEqual({ action: undefined, pending: true });
    expect(matchShortcut(actions, 'G', 'H').action?.id).toBe('home');
  });
  it('prefers the pair over the single key', () => {
    expect(matchShortcut(actions, 'G', 'C').action?.id).toBe('goCompare');
    expect(matchShortcut(actions, null, 'C').action?.id).toBe('compare');
  });
  it('knows nothing else', () => { expect(matchShortcut(actions, 'G', 'X')).toEqual({ action: undefined, pending: false }); });
});

describe('searchActions', () => {
  const actions = [{ label: 'Go to Models', section: 'Go to' }, { label: 'Import a model', section: 'Make' }, { label: 'model-7b', section: 'Model' }, { label: '导入数据集', section: '制作' }];
  const found = (typed: string): string[] => searchActions(actions, typed).map((a) => a.label);
  it('keeps the order when nothing is typed', () => { expect(found('  ')).toEqual(actions.map((a) => a.label)); });
  it('puts beginnings first', () => { expect(found('model')[0]).toBe('model-7b'); });
  it('needs every word', () => { expect(found('import model')).toEqual(['Import a model']); expect(found('import zebra')).toEqual([]); });
  it('finds Chinese', () => { expect(found('数据')).toEqual(['导入数据集']); });
});
