/** A pair or a labelled answer as the model will see it, token by token. Shape: shared/schema MaskRow with `answers`. */
import type { CanonicalRow } from '../../../shared/formats.ts';
import type { MaskAnswer, MaskRow } from '../../../shared/schema/review.ts';
import { AnswerEncoder, type EncodedAnswer } from './answers.ts';
import type { MaskToken } from './mask-view.ts';

/** `promptTrained`: a likelihood covers the prompt of the chosen answer too (ORPO). Throws like `AnswerEncoder.encode`. */
export function answerView(encoder: AnswerEncoder, row: CanonicalRow, index: number, { promptTrained = false }: { promptTrained?: boolean } = {}): MaskRow {
  const kept = encoder.encode(row);
  const whole = new AnswerEncoder(encoder.encoder.tokenizer, encoder.encoder.template, { max_length: 1 << 30, reward: encoder.reward }).encode(row);
  const roles = row.kind === 'preference' ? (['chosen', 'rejected'] as const) : (['completion'] as const);
  const views = whole.answers.map((answer, i) => spelled(encoder, answer, kept.answers[i]!.ids.length));
  const first = whole.answers[0]!, shown = views[0]!;
  const prompt = shown.slice(0, first.prompt);
  if (promptTrained) for (const [i, token] of prompt.entries()) if (i > 0 && token.kind !== 'cut') token.kind = 'trained';
  const answers = roles.map((role, i): MaskAnswer => {
    const tokens = views[i]!.slice(whole.answers[i]!.prompt);
    return { role, tokens, trained: tokens.filter((t) => t.kind === 'trained' || t.kind === 'stop').length, cut: tokens.filter((t) => t.kind === 'cut').length, has_stop: kept.answers[i]!.hasStop };
  });
  const all = [...prompt, ...answers.flatMap((a) => a.tokens)];
  const trained = all.filter((t) => t.kind === 'trained' || t.kind === 'stop').length, cut = all.filter((t) => t.kind === 'cut').length;
  return {
    index, total: all.length, tokens: prompt, trained, context: all.length - trained - cut, cut, has_stop: answers.every((a) => a.has_stop), warnings: [...new Set(kept.answers.flatMap((a) => a.warnings))], answers,
    ...(row.kind === 'unpaired-preference' ? { label: row.label } : {}),
  };
}

/** Every token of prompt and answer. Of a reward model only the last one counts: the score is read there. */
function spelled({ encoder, reward }: AnswerEncoder, answer: EncodedAnswer, limit: number): MaskToken[] {
  const { tokenizer } = encoder;
  const decoder = tokenizer.streamDecoder({ skipSpecial: false });
  const last = answer.ids.length - 1;
  const tokens = Array.from(answer.ids, (id, i): MaskToken => {
    const counts = reward ? i === last : i >= answer.prompt;
    return { id, text: decoder.push(id), kind: i >= limit || (reward && limit <= last) ? 'cut' : counts ? (encoder.isStop(id) ? 'stop' : 'trained') : tokenizer.specialIds.has(id) ? 'special' : 'context' };
  });
  const end = tokens.at(-1);
  if (end) end.text += decoder.flush();
  return tokens;
}
