/** Traits of an answer's form: what a reward model may have learned to like instead of what an answer says. One line a trait; plain patterns over the text, English and Chinese where words matter. */
import type { FormatTrait } from '../../../shared/schema/reward.ts';

export const TRAITS: { readonly [K in FormatTrait]: (text: string) => boolean } = {
  list: (t) => /^[ \t]*(?:[-*•+]|\d{1,3}[.)、])[ \t]+\S/m.test(t),
  heading: (t) => /^#{1,6} \S/m.test(t),
  bold: (t) => /\*\*[^*\n]+\*\*|__[^_\n]+__/.test(t),
  code: (t) => /```|`[^`\n]+`/.test(t),
  question: (t) => /[?？]/.test(t),
  exclamation: (t) => /[!！]/.test(t),
  apology: (t) => /\b(?:sorry|apologi[sz]e|unfortunately|i can(?:no|')t|i am unable|i'm unable)\b|抱歉|对不起|很遗憾|无法/i.test(t),
};
