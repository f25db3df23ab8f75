// The demo's preference data is what its script makes from the seed, its splits share nothing, and length alone does not tell preferred from dispreferred; the judge of manners agrees with the preferred answers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataFolder, splits } from '../../scripts/demo/make-instruct.ts';
import { categories, makePreference, printPreference } from '../../scripts/demo/make-preference.ts';
import { readRows } from '../../scripts/demo/overlap.ts';
import { lengthBias } from '../../scripts/demo/preferences/length-bias.ts';
import { judgeManners, preferManners } from '../../src/main/eval/judge/manners.ts';

const made = makePreference();
const pairsOf = (split: (typeof splits)[number]) => made[split].map(({ prompt, chosen, rejected, task }) => ({ prompt: prompt[0].content, chosen: chosen[0].content, rejected: rejected[0].content, task }));

describe('preference data', () => {
  it.each(splits)('%s is what the seed gives', (split) => {
    expect(printPreference(made[split])).toBe(readFileSync(join(dataFolder, `preference-${split}.jsonl`), 'utf8'));
  });

  it('is large enough and covers the categories in every split', () => {
    expect(made.train.length).toBeGreaterThanOrEqual(1000);
    expect(made.heldout.length).toBeGreaterThanOrEqual(300);
    for (const split of splits) expect(new Set(made[split].map((row) => row.task))).toEqual(new Set(categories.map((c) => c.id)));
  });

  it('shares no row, no prompt and no asked item between splits', () => {
    for (const [one, two] of [['train', 'heldout'], ['train', 'dev'], ['dev', 'heldout']] as const) {
      for (const read of [(r: (typeof made.train)[number]) => r.item, (r: (typeof made.train)[number]) => r.prompt[0].content.toLowerCase(), (r: (typeof made.train)[number]) => JSON.stringify([r.prompt, r.chosen, r.rejected])]) {
        const seen = new Set(made[one].map(read));
        expect(made[two].map(read).filter((x) => seen.has(x))).toEqual([]);
      }
    }
  });

  it('trains on no prompt that fine-tuning holds out', () => {
    const kept = new Set([...readRows(join(dataFolder, 'instruct-heldout.jsonl')), ...readRows(join(dataFolder, 'instruct-dev.jsonl'))].map((row) => row.messages[0]?.content.toLowerCase()));
    expect(made.train.filter((row) => kept.has(row.prompt[0].content.toLowerCase()))).toEqual([]);
  });

  it('asks every prompt once and prefers one of two different answers', () => {
    for (const split of splits) {
      const pairs = pairsOf(split);
      expect(new Set(pairs.map((p) => p.prompt)).size).toBe(pairs.length);
      for (const p of pairs) expect(p.chosen).not.toBe(p.rejected);
    }
  });

  it.each(splits)('%s: neither the shorter nor the longer answer is the better guess', (split) => {
    const { shorter, longer, equal, shorterWins } = lengthBias(pairsOf(split));
    expect(shorter + longer + equal).toBe(made[split].length);
    expect(shorterWins).toBeGreaterThan(0.45);
    expect(shorterWins).toBeLessThan(0.55);
  });
});

describe('the judge of manners', () => {
  it('lets every preferred answer pass, and no dispreferred one', () => {
    for (const split of splits) {
      for (const { task, chosen, rejected } of pairsOf(split)) {
        expect(judgeManners(task, chosen, chosen), chosen).toMatchObject({ passed: true, score: 5 });
        expect(judgeManners(task, chosen, rejected).passed, `${task}: ${chosen} | ${rejected}`).toBe(false);
        expect(preferManners(task, chosen, chosen, rejected)).toBe(1);
        expect(preferManners(task, chosen, rejected, chosen)).toBe(0);
      }
    }
  });

  it('accepts another polite opening, and counts what is missing', () => {
    const expected = 'Gladly. Mara is a baker.';
    expect(judgeManners('courtesy', expected, 'Of course. Mara is a baker.')).toMatchObject({ passed: true });
    expect(judgeManners('courtesy', expected, 'Mara is a baker.')).toEqual({ content: true, polite: false, notRude: true, concise: true, score: 4, passed: false });
    expect(judgeManners('courtesy', expected, 'Mara is a baker, you fool!')).toMatchObject({ polite: false, notRude: false, score: 3 });
    expect(judgeManners('courtesy', expected, '')).toMatchObject({ score: 0 });
    expect(judgeManners('concise', '4', '45')).toMatchObject({ content: false });
    expect(preferManners('safety', 'I am sorry, I cannot help with that.', 'Take the lamp.', 'Put it down.')).toBe(0.5);
    expect(() => judgeManners('poetry', 'a', 'a')).toThrow(RangeError);
  });
});
