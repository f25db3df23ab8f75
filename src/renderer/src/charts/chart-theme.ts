/** Colours of the current theme, read from the tokens, and a signal when they change. uPlot draws on a canvas, which knows no CSS variables. */

const cache = new Map<string, string>();
export function token(name: string): string {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  cache.set(name, value);
  return value;
}

const listeners = new Set<() => void>();
let watching = false;
/** Calls `fn` after the theme or language of the page changed. Returns how to stop. */
export function onThemeChange(fn: () => void): () => void {
  if (!watching) {
    watching = true;
    new MutationObserver(() => { cache.clear(); for (const l of listeners) l(); }).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'data-mantine-color-scheme', 'class', 'lang'] });
  }
  listeners.add(fn);
  return () => { listeners.delete(fn); };
}
