/** Findings in words of the page's language, their numbers formatted. */
import type { TFunction } from 'i18next';
import { formatMetric } from '../../charts/use-chart-format.ts';
import type { Format } from '../../i18n/format.ts';
import type { Finding } from './run-findings.ts';

export interface FindingText { text: string; detail: string }

export function findingText(x: Finding, t: TFunction<'run'>, f: Format): FindingText {
  const v = (n: number): string => formatMetric(n, 'plain', f.locale);
  const n = (k: number): string => f.number(k);
  switch (x.kind) {
    case 'held-out-falls': return { text: t('answer.held-out-falls', { from: v(x.from), to: v(x.to), step: n(x.step) }), detail: t('hint.held-out-falls') };
    case 'held-out-rises': return { text: t('answer.held-out-rises', { bestStep: n(x.bestStep), best: v(x.best), last: v(x.last) }), detail: t('hint.held-out-rises', { bestStep: n(x.bestStep) }) };
    case 'held-out-flat': return { text: t('answer.held-out-flat', { value: v(x.value), step: n(x.step) }), detail: t('hint.held-out-flat') };
    case 'held-out-once': return { text: t('answer.held-out-once', { value: v(x.value), step: n(x.step) }), detail: t('hint.held-out-once') };
    case 'train-falls': return { text: t('answer.train-falls', { from: v(x.from), to: v(x.to) }), detail: t('hint.train-falls') };
    case 'train-rises': return { text: t('answer.train-rises', { from: v(x.from), to: v(x.to) }), detail: t('hint.train-rises') };
    case 'train-flat': return { text: t('answer.train-flat', { value: v(x.value) }), detail: t('hint.train-flat') };
    case 'gap': return { text: t('answer.gap', { heldOut: v(x.heldOut), train: v(x.train) }), detail: t(x.judgement === 'warn' ? 'hint.gapWarn' : 'hint.gapGood', { step: n(x.step) }) };
    case 'clipped': return { text: t('answer.clipped', { share: f.percent(x.share), limit: f.number(x.limit) }), detail: t(x.judgement === 'warn' ? 'hint.clippedWarn' : 'hint.clippedGood', { points: n(x.points) }) };
    case 'preferred': return { text: x.margin === null ? t('answer.preferred', { value: f.percent(x.value, 1) }) : t('answer.preferredMargin', { value: f.percent(x.value, 1), margin: v(x.margin) }), detail: x.first === null ? t('hint.accuracyOnce', { step: n(x.step) }) : t('hint.accuracy', { step: n(x.step), first: f.percent(x.first, 1) }) };
    case 'accuracy': return { text: t('answer.accuracy', { value: f.percent(x.value, 1) }), detail: x.first === null ? t('hint.accuracyOnce', { step: n(x.step) }) : t('hint.accuracy', { step: n(x.step), first: f.percent(x.first, 1) }) };
  }
}
