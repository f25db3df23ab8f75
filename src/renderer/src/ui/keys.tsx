/** How shortcuts are written for people: "Mod+K" is Ctrl K, or ⌘K on a Mac; "G H" is two keys one after the other. */
const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);
const NAMES: Record<string, string> = MAC ? { Mod: '⌘', Shift: '⇧', Alt: '⌥', Enter: '↩', Escape: 'Esc' } : { Mod: 'Ctrl', Escape: 'Esc' };

const presses = (shortcut: string): string[][] => shortcut.split(' ').map((press) => press.split('+').map((key) => NAMES[key] ?? key));
export const shortcutText = (shortcut: string): string => presses(shortcut).map((keys) => keys.join(MAC ? '' : ' ')).join(' ');

export function Keys({ shortcut }: { shortcut: string }) {
  return <span className="keys" role="img" aria-label={shortcutText(shortcut)}>{presses(shortcut).flat().map((key, i) => <kbd key={`${i}${key}`} aria-hidden>{key}</kbd>)}</span>;
}
