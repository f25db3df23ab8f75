/** String methods and filters that the Jinja package does in JavaScript's way, here in Python's: `strip`, `lstrip`, `rstrip` with the characters to strip, white space as Python counts it, `capitalize`. */
const SPACE = new Set(Array.from('\t\n\v\f\r\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'));

export const STRIPPING = new Set(['strip', 'lstrip', 'rstrip', 'trim']);

/** `chars`: the set of characters to strip; null: white space. */
export function strip(name: string, text: string, chars: string | null): string {
  const set = chars === null ? SPACE : new Set(chars), all = Array.from(text);
  let from = 0, to = all.length;
  if (name !== 'rstrip') while (from < to && set.has(all[from] ?? '')) from++;
  if (name !== 'lstrip') while (to > from && set.has(all[to - 1] ?? '')) to--;
  return from === 0 && to === all.length ? text : all.slice(from, to).join('');
}

export function capitalize(text: string): string {
  const [first = '', ...rest] = text;
  return first.toUpperCase() + rest.join('').toLowerCase();
}
