/** A generated preference task that no word list solves: a stranger is to be answered formally and a friend casually, about the same things. Which answer is better depends on who asks, so a model must read the prompt; one that only likes some words stays at
 * 50 %. Both answers of a pair have the same length and say the same, so length tells nothing. Token ids without a tokenizer; prompts are all different, and held-out ones never stand in the training data. */

import type { ExampleRow } from '../../src/main/engine/methods/example-row.ts';
import { Random } from '../../src/main/engine/nn/random.ts';

const EOS = 1, STRANGER = 2, FRIEND = 3, FORMAL = 4, CASUAL = 12, STYLES = 8, TOPIC = 20, TOPICS = 20;

/** A small llama with room to learn the task within a few hundred steps. */
export const MANNERS_MODEL = {
  model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: TOPIC + TOPICS, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2,
  max_position_embeddings: 64, rms_norm_eps: 1e-6, tie_word_embeddings: true, initializer_range: 0.1, eos_token_id: EOS, bos_token_id: null, pad_token_id: 0,
};

export interface Split { train: ExampleRow[]; heldOut: ExampleRow[] }

/** Pairs (chosen, rejected), half of them of each kind of asker. The same seed gives the same pairs. */
export function mannersTask(seed: number, train: number, heldOut: number): Split {
  const random = new Random(seed, 77), seen = new Set<string>(), rows: ExampleRow[] = [];
  while (rows.length < train + heldOut) {
    const stranger = rows.length % 2 === 0;
    const topics = Array.from({ length: 3 + random.below(3) }, () => TOPIC + random.below(TOPICS));
    const prompt = [stranger ? STRANGER : FRIEND, ...topics];
    if (seen.has(prompt.join())) continue;
    seen.add(prompt.join());
    const content = topics.slice(0, 1 + random.below(2)), closes = random.below(2) === 1;
    const answer = (first: number): number[] => [...prompt, first + random.below(STYLES), ...content, ...(closes ? [first + random.below(STYLES)] : []), EOS];
    const [formal, casual] = [answer(FORMAL), answer(CASUAL)];
    const sides = stranger ? [formal, casual] : [casual, formal];
    rows.push({ completions: sides.map((ids) => ({ ids, prompt: prompt.length })), columns: { margin: 0 }, truncated: false, source: rows.length });
  }
  const numbered = (part: readonly ExampleRow[]): ExampleRow[] => part.map((row, source) => ({ ...row, source }));
  return { train: numbered(rows.slice(0, train)), heldOut: numbered(rows.slice(train)) };
}

/** The pairs taken apart for methods over single answers, as the encoder does it: chosen ones are good. `mismatched` (KTO) adds the next answer of the same label to the row's prompt. */
export function judged(pairs: readonly ExampleRow[], mismatched: boolean): ExampleRow[] {
  return ([0, 1] as const).flatMap((role) => pairs.map((row, i): ExampleRow => {
    const own = row.completions[role]!, next = pairs[(i + 1) % pairs.length]!.completions[role]!;
    const other = { ids: [...Array.from(own.ids).slice(0, own.prompt), ...Array.from(next.ids).slice(next.prompt)], prompt: own.prompt };
    return { completions: mismatched ? [own, other] : [own], columns: { label: role === 0 ? 1 : 0 }, truncated: false, source: 2 * i + role };
  }));
}
