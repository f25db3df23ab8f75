/** Which known style a chat template has, told by what it renders: probe conversations go through both and must come out the same to the last character. Reading the template's source would guess. */
import type { ChatTemplate } from '../../../data/templates/chat-template.ts';
import { CHAT_STYLES, type ChatStyle, type Turn } from './styles.ts';

export interface Recognised { style: ChatStyle; /** Text that the template puts into a system turn by itself when a conversation has none. */ defaultSystem: string | null }

const USER: Turn = { role: 'user', content: 'Where is the mill, on 3 May?' };
const SYSTEM: Turn = { role: 'system', content: 'Answer in one word: {yes} or "no".' };
const MORE: readonly Turn[] = [{ role: 'assistant', content: 'By the river.' }, { role: 'user', content: 'And the bridge?' }];
/** Every style must agree on these; with a system turn a template may also refuse. */
const PLAIN: readonly (readonly Turn[])[] = [[USER], [USER, ...MORE]];
const WITH_SYSTEM: readonly (readonly Turn[])[] = [[SYSTEM, USER], [SYSTEM, USER, ...MORE]];

export function recogniseStyle(template: ChatTemplate, bos: string | null): Recognised | null {
  const rendered = (turns: readonly Turn[]): string | null => { try { return template.render([...turns], { addGenerationPrompt: true }); } catch { return null; } };
  // Ollama begins the sequence itself, so a template may or may not.
  const same = (text: string | null, wanted: string | null): boolean => text === wanted || (bos !== null && wanted !== null && text === bos + wanted);
  for (const style of CHAT_STYLES) {
    if (!WITH_SYSTEM.every((turns) => same(rendered(turns), style.render(turns)))) continue;
    if (PLAIN.every((turns) => same(rendered(turns), style.render(turns)))) return { style, defaultSystem: null };
    const text = rendered([USER]), defaultSystem = systemOf(style, text) ?? systemOf(style, bos !== null && text?.startsWith(bos) === true ? text.slice(bos.length) : null);
    if (defaultSystem !== null && PLAIN.every((turns) => same(rendered(turns), style.render([{ role: 'system', content: defaultSystem }, ...turns])))) return { style, defaultSystem };
  }
  return null;
}

const MARK = '\u{F0001}';
/** The system text that makes the style's render equal to `text`, if there is one. */
function systemOf(style: ChatStyle, text: string | null): string | null {
  const [before, after] = style.render([{ role: 'system', content: MARK }, USER])?.split(MARK) ?? [];
  if (text === null || before === undefined || after === undefined || !text.startsWith(before) || !text.endsWith(after) || text.length < before.length + after.length) return null;
  return text.slice(before.length, text.length - after.length);
}
