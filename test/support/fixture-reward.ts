/** A report card for looking at the run page: invented scores, real statistics. */
import type { RewardCard, ScoredRow } from '../../src/shared/schema/reward.ts';
import { rewardReport } from '../../src/main/eval/reward/report.ts';
import { NOW, random } from './fixture-data.ts';

const PROMPTS = ['Where does Chen live?', '请告诉我青石镇在哪里。', 'Can you help me find my sister\'s address?', 'Tell me how to make tea.'];
/** `bias`: how much of a score is length. */
function rows(n: number, seed: number, skill: number, bias: number): ScoredRow[] {
  const r = random(seed), normal = (): number => r() + r() + r() + r() - 2;
  return Array.from({ length: n }, (_, index) => {
    const side = (worth: number, text: string): ScoredRow['answers'][number] => { const answer_tokens = 8 + Math.floor(r() * 40); return { text, tokens: answer_tokens + 14, answer_tokens, score: skill * worth + bias * (answer_tokens - 28) / 12 + normal() }; };
    return { index, prompt: PROMPTS[index % 4]!, rating: index % 3 === 0 ? 1 + Math.floor(r() * 3) : null, answers: [side(0.6, index % 5 === 0 ? 'Certainly! She lives by the mill:\n- the blue door\n- second floor' : 'Of course. Chen lives in Greenhill, near the old bridge.'), side(-0.6, index % 7 === 0 ? 'Look it up yourself!' : 'Chen lives somewhere. I do not care to say where, and you should not ask such things.')] };
  });
}

/** Of the runs `r-reward` (fine) and `r-reward-long` (mostly length). */
export function rewardCardOf(runId: string): RewardCard | null {
  if (!runId.startsWith('r-reward')) return null;
  return { id: `rwd-${runId}`, run_id: runId, step: 120, dataset_id: 'pairs-held', dataset_name: 'manners-held-out', created_at: NOW, seconds: 4.2, report: rewardReport(runId === 'r-reward' ? rows(300, 7, 1.1, 0.05) : rows(300, 11, 0.12, 1.6), 2) };
}
