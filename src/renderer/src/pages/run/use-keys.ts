/** Keys of a page. They do nothing while one types, and leave Space and Enter to a focused control. */
import { useEffect, useRef } from 'react';

/** Keys like "Space", "c", "Mod+Enter". */
export function useKeys(keys: Readonly<Record<string, (() => void) | undefined>>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (e: KeyboardEvent): void => {
      if (e.defaultPrevented || e.repeat || e.altKey) return;
      const target = e.target instanceof HTMLElement ? e.target : null;
      const mod = e.ctrlKey || e.metaKey;
      const name = (mod ? 'Mod+' : '') + (e.key === ' ' ? 'Space' : e.key.length === 1 ? e.key.toLowerCase() : e.key);
      if (!mod && target?.closest('input, textarea, select, [contenteditable], [role=menu], [role=dialog]')) return;
      if ((name === 'Space' || name === 'Enter') && target?.closest('button, a, summary, [role=button], [role=row]')) return;
      const run = now.current[name];
      if (!run) return;
      e.preventDefault();
      run();
    };
    window.addEventListener('keydown', onKey);
    return () => { window.removeEventListener('keydown', onKey); };
  }, []);
}
