/** The 32 prompts of a round-trip proof: questions of the run's own data where there are some, and a fixed list of short texts in several scripts. The same export is always asked the same. */
import type { ChatTemplate } from '../../../data/templates/chat-template.ts';
import type { Tokenizer } from '../../../data/tokenizer/tokenizer.ts';
import type { CanonicalRow } from '../../../../shared/formats.ts';
import { openDataset } from '../../../data/version/dataset.ts';

export const PROBES = 32;
/** Longer prompts would cost more than they tell. */
const MOST_TOKENS = 96;
/** Positions that a small context keeps for the answer. */
const ROOM = 8;

const TEXTS = [
  'The sea was calm that morning, and', 'Once upon a time there was a miller who', 'Question: What is the capital of France?\nAnswer:', '1, 1, 2, 3, 5, 8, 13,', 'def add(a, b):\n    return', 'The three primary colours are',
  'Water boils at', 'In 1969, the first people', '人工智能是', '今天的天气', '東京は日本の', 'El gato duerme', 'Die Hauptstadt von Italien ist', 'Il était une fois', 'Привет, как', 'const sum = (a, b) =>',
  '{"name": "Ada", "born":', '# Shopping list\n\n- bread\n-', 'A B C D E F', 'Dear Sir or Madam,\n\n', '2 + 2 =', 'She opened the door and', 'SELECT name FROM users WHERE', 'The opposite of hot is', 'My favourite food is', 'To be, or not to be,',
  'List three fruits:\n1.', '🙂🙃', 'مرحبا', 'Thank you for', 'x', ' the',
] as const;
const QUESTIONS = ['Hello!', 'What can you do?', 'Write one sentence about the sea.', 'What is 7 times 8?', 'Name a colour.', '你好，请介绍一下自己。', 'Translate "good morning" into French.', 'Who are you?'] as const;

export interface Probe { text: string; ids: number[] }

export async function probePrompts(tokenizer: Tokenizer, template: ChatTemplate | null, dataDir: string | null, { vocabSize: vocabulary, maxPositions }: { vocabSize: number; maxPositions: number }): Promise<Probe[]> {
  const most = Math.max(1, Math.min(MOST_TOKENS, maxPositions - ROOM));
  const probes: Probe[] = [];
  const add = (text: string, addSpecial: boolean): void => {
    if (probes.length >= PROBES) return;
    let ids: number[];
    try { ids = tokenizer.encode(text, { addSpecial }).filter((id) => id < vocabulary).slice(-most); } catch { return; }
    if (ids.length > 0 && !probes.some((p) => p.text === text)) probes.push({ text, ids });
  };
  const ask = (content: string): void => {
    if (template === null) return;
    let text: string;
    try { text = template.render([{ role: 'user', content }], { addGenerationPrompt: true }); } catch { return; }
    add(text, false);
  };
  if (dataDir !== null) for (const row of await firstRows(dataDir, PROBES / 2)) {
    const { question, conversation } = questionOf(row);
    if (conversation) ask(question); else add(question, true);
  }
  for (const question of QUESTIONS) ask(question);
  for (const text of TEXTS) add(text, true);
  // A vocabulary that spells few of these texts: single tokens fill the rest.
  for (let id = 0; probes.length < PROBES && id < vocabulary; id++) if (!tokenizer.specialIds.has(id)) probes.push({ text: `token ${id}`, ids: [id] });
  return probes;
}

async function firstRows(dir: string, count: number): Promise<CanonicalRow[]> {
  const dataset = await openDataset(dir);
  try { return await dataset.rows(0, Math.min(count, dataset.count)); } finally { await dataset.close(); }
}

function questionOf(row: CanonicalRow): { question: string; conversation: boolean } {
  if (row.kind === 'text') return { question: row.text.slice(0, 200), conversation: false };
  if (row.kind === 'messages') return { question: row.messages.find((m) => m.role === 'user')?.content ?? '', conversation: true };
  return typeof row.prompt === 'string' ? { question: row.prompt, conversation: false } : { question: row.prompt.findLast((m) => m.role === 'user')?.content ?? '', conversation: true };
}
