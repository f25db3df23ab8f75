/** Orders commands by how well they match what was typed. Every word must occur; starts of words count more; what stands earlier in the list wins ties. */
import type { Action } from './action.ts';

export function searchActions<T extends Pick<Action, 'label' | 'section'>>(actions: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return [...actions];
  return actions.map((action, order) => ({ action, order, score: score(action, words) })).filter((x) => x.score > 0).toSorted((a, b) => b.score - a.score || a.order - b.order).map((x) => x.action);
}
function score({ label, section }: Pick<Action, 'label' | 'section'>, words: readonly string[]): number {
  const text = label.toLowerCase(), whole = `${text} ${section.toLowerCase()}`;
  let total = 0;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at === 0) total += 8; else if (at > 0 && /[\s(:,]/.test(text[at - 1] ?? '')) total += 5; else if (at > 0) total += 3; else if (whole.includes(word)) total += 1; else return 0;
  }
  return total;
}
