/** What a preference run draws beside the loss: from the metrics that its method declares, those that are read together in one picture. Which explanation fits follows from how the method forms its numbers. Pure. */
import { METHODS } from '../../../../shared/methods/index.ts';
import type { MetricId } from '../../../../shared/metrics.ts';
import type { Recipe } from '../../../../shared/schema/recipe.ts';
import type { Tone } from '../../charts/chart-line.ts';
import type { ValueKind } from '../../charts/use-chart-format.ts';

export const PLOT_IDS = ['rewards', 'margins', 'accuracies', 'logps', 'kl', 'delta', 'odds', 'nll', 'scores', 'scoreMargin', 'logits'] as const;
export type PlotId = (typeof PLOT_IDS)[number];
export type LineWord = 'chosen' | 'rejected' | 'good' | 'bad' | 'train' | 'heldOut' | 'own' | 'min' | 'mean' | 'max' | 'logOdds' | 'logRatio';
export interface PlotLine { name: MetricId; word: LineWord; tone: Tone; dots?: true; dashed?: true }
/** `zero`: a level worth a dashed line. */
export interface Plot { id: PlotId; kind: ValueKind; lines: readonly PlotLine[]; level?: number; help: HelpId }
export type HelpId = PlotId | 'rewardsFree' | 'rewardsMean' | 'marginsLabelled' | 'logpsMean' | 'logpsLabelled' | 'rewardsLabelled' | 'scoreAccuracies';

const PLOTS: Record<PlotId, Omit<Plot, 'id' | 'help'>> = {
  rewards: { kind: 'plain', level: 0, lines: [{ name: 'rewards/chosen', word: 'chosen', tone: 'good' }, { name: 'rewards/rejected', word: 'rejected', tone: 'bad' }] },
  margins: { kind: 'plain', level: 0, lines: [{ name: 'rewards/margins', word: 'train', tone: 'ember' }, { name: 'eval_rewards/margins', word: 'heldOut', tone: 'steel', dots: true }] },
  accuracies: { kind: 'ratio', level: 0.5, lines: [{ name: 'rewards/accuracies', word: 'train', tone: 'ember' }, { name: 'eval_rewards/accuracies', word: 'heldOut', tone: 'steel', dots: true }, { name: 'accuracy', word: 'train', tone: 'ember' }, { name: 'eval_accuracy', word: 'heldOut', tone: 'steel', dots: true }] },
  logps: { kind: 'plain', lines: [{ name: 'logps/chosen', word: 'chosen', tone: 'good' }, { name: 'logps/rejected', word: 'rejected', tone: 'bad' }] },
  kl: { kind: 'plain', level: 0, lines: [{ name: 'kl', word: 'own', tone: 'violet' }] },
  delta: { kind: 'plain', level: 0, lines: [{ name: 'delta', word: 'own', tone: 'violet' }] },
  odds: { kind: 'plain', level: 0, lines: [{ name: 'log_odds_chosen', word: 'logOdds', tone: 'ember' }, { name: 'log_odds_ratio', word: 'logRatio', tone: 'violet', dashed: true }] },
  nll: { kind: 'plain', lines: [{ name: 'nll_loss', word: 'own', tone: 'steel' }] },
  scores: { kind: 'plain', level: 0, lines: [{ name: 'max_reward', word: 'max', tone: 'good' }, { name: 'mean_reward', word: 'mean', tone: 'ember' }, { name: 'min_reward', word: 'min', tone: 'bad' }] },
  scoreMargin: { kind: 'plain', level: 0, lines: [{ name: 'margin', word: 'train', tone: 'ember' }, { name: 'eval_margin', word: 'heldOut', tone: 'steel', dots: true }] },
  logits: { kind: 'plain', lines: [{ name: 'logits/chosen', word: 'chosen', tone: 'good' }, { name: 'logits/rejected', word: 'rejected', tone: 'bad' }] },
};

/** CPO's ipo and simpo, and ORPO, take the mean over an answer's tokens instead of the sum. */
const perToken = (r: Recipe): boolean => r.method === 'orpo' || (r.method === 'cpo' && (r.train.loss_type === 'ipo' || r.train.loss_type === 'simpo'));
const labelled = (r: Recipe): boolean => r.method === 'kto' || r.method === 'bco';

function helpOf(id: PlotId, r: Recipe): HelpId {
  switch (id) {
    case 'rewards': return perToken(r) ? 'rewardsMean' : r.method === 'cpo' ? 'rewardsFree' : labelled(r) ? 'rewardsLabelled' : id;
    case 'margins': return labelled(r) ? 'marginsLabelled' : id;
    case 'logps': return perToken(r) ? 'logpsMean' : labelled(r) ? 'logpsLabelled' : id;
    case 'accuracies': return r.method === 'reward' ? 'scoreAccuracies' : id;
    default: return id;
  }
}

/** The pictures of a run, in the order in which they are best read. None for methods without preferences. */
export function plotsOf(recipe: Recipe): Plot[] {
  const measured = new Set<MetricId>(METHODS[recipe.method].metrics), words = labelled(recipe);
  return PLOT_IDS.flatMap((id): Plot[] => {
    const plot = PLOTS[id], lines = plot.lines.filter((l) => measured.has(l.name)).map((l): PlotLine => (words && l.word === 'chosen' ? { ...l, word: 'good' } : words && l.word === 'rejected' ? { ...l, word: 'bad' } : l));
    return lines.length === 0 ? [] : [{ ...plot, id, lines, help: helpOf(id, recipe) }];
  });
}
