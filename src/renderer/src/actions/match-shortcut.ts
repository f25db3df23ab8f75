/** Which shortcut a key press means. Pure. */
export interface Press { key: string; code: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean }

/** "Mod+Enter", "G", "Space", "?"; null for a bare modifier. Shift is named only beside keys that do not already show it ("?" is just "?"). */
export function pressName(e: Press): string | null {
  if (['Control', 'Meta', 'Alt', 'Shift', 'Dead', 'Process', 'Unidentified'].includes(e.key)) return null;
  const mod = e.ctrlKey || e.metaKey;
  // With another keyboard layout or an input method, letters come from the key's place.
  const letter = /^Key([A-Z])$/.exec(e.code)?.[1];
  const key = e.key === ' ' ? 'Space' : e.key.length === 1 ? (letter !== undefined && (mod || !/[a-z]/i.test(e.key)) ? letter : e.key.toUpperCase()) : e.key;
  const shift = e.shiftKey && (e.key.length > 1 || letter !== undefined || e.key === ' ');
  return [mod && 'Mod', e.altKey && 'Alt', shift && 'Shift', key].filter((x) => x !== false).join('+');
}

/** Given what was pressed just before (or null) and now: the action that it completes, or whether a longer shortcut may follow. */
export function matchShortcut<T extends { shortcut?: string }>(actions: readonly T[], before: string | null, now: string): { action: T | undefined; pending: boolean } {
  const two = before === null ? undefined : actions.find((a) => a.shortcut === `${before} ${now}`);
  if (two) return { action: two, pending: false };
  const pending = actions.some((a) => a.shortcut?.startsWith(`${now} `) === true);
  return { action: actions.find((a) => a.shortcut === now), pending };
}
/** Keys that a focused control uses itself. */
export function keepsKey(element: Element | null, name: string): boolean {
  if (element === null) return false;
  const tag = element.tagName, type = element instanceof HTMLInputElement ? element.type : '';
  const text = tag === 'TEXTAREA' || tag === 'SELECT' || (tag === 'INPUT' && !['checkbox', 'radio', 'range', 'button'].includes(type)) || (element as HTMLElement).isContentEditable;
  if (text) return !name.startsWith('Mod+') || /^Mod\+(A|C|V|X|Z|Y)$/.test(name);
  if (name === 'Space' || name === 'Enter') return tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY' || type !== '' || element.getAttribute('role') === 'row';
  return false;
}
