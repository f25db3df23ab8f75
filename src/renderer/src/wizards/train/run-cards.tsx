/** What will really run, and the time (from a measured trial). */
import { useTranslation } from 'react-i18next';
import { isProbed } from '../../../../shared/health/index.ts';
import { answersDevice, PROVIDER_NAMES } from '../../../../shared/schema/device.ts';
import type { Review } from '../../../../shared/schema/review.ts';
import { formatMetric } from '../../charts/use-chart-format.ts';
import { useFormat } from '../../i18n/format.ts';
import { useDatasets, useModels } from '../../state/entities.ts';
import { errorText } from '../../i18n/error-text.ts';
import { Button, Card, KeyValue, Skeleton, writeNumber } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';
import { paramFields } from './param-fields.ts';
import type { ReviewState } from './use-review.ts';
import { deviceWhy } from '../../i18n/sentences.ts';
import { healthWords } from './health-words.ts';

export function WillRunCard({ review }: { review: Review }) {
  const { t } = useTranslation('train'), { t: h } = useTranslation('health'), f = useFormat();
  const { recipe: r, run, stats } = review;
  const models = useModels(), datasets = useDatasets();
  const named = <T extends { id: string; name: string }>(all: readonly T[], ref: string | undefined): T | undefined => all.find((x) => x.id === ref) ?? all.find((x) => x.name === ref);
  const model = named(models, r.model), data = named(datasets, r.data.train), held = named(datasets, r.data.eval);
  const n = (x: number): string => f.number(x);
  const heldName = held?.name ?? r.data.eval;
  const packed = r.train.packing, answers = stats.trained_tokens < stats.tokens;
  const losses = r.method === 'dpo' ? r.train.loss_type.map((l, i) => (r.train.loss_weights === null ? l : `${l} × ${writeNumber(r.train.loss_weights[i] ?? 1)}`)) : 'loss_type' in r.train ? [r.train.loss_type] : [];
  const methodWords = r.method === 'sft' ? t(answers ? 'review.run.answersOnly' : 'review.run.allTokens') : [t(`method.${r.method}.name`), ...losses, ...('beta' in r.train ? [`beta ${writeNumber(r.train.beta)}`] : [])].join(', ');
  const ref = run.reference;
  return (
    <Card title={t('review.run.title')} bodyless={false}>
      <KeyValue items={[
        [t('review.run.model'), model ? `${model.name}, ${f.count(model.parameters)}, ${model.dtype}` : r.model],
        [t('review.run.method'), methodWords],
        [t('review.run.adapter'), r.adapter === 'none' ? t('review.run.full') : r.adapter.target_modules === 'all-linear' ? t('review.run.loraAll', { r: r.adapter.r }) : t('review.run.lora', { r: r.adapter.r, modules: f.list(run.modules) })],
        [t('review.run.trainable'), t('review.run.trainableValue', { n: f.count(run.trainable_parameters), total: f.count(run.total_parameters), percent: f.percent(run.trainable_parameters / Math.max(1, run.total_parameters), 1) })],
        [t('review.run.data'), `${data ? `${data.name}@${data.version.slice(0, 4)}` : r.data.train}, ${t('data.rows', { n: n(run.rows) })}`],
        [t('review.run.batch'), packed ? t('review.run.batchPacked', { rows: n(r.train.per_device_train_batch_size * r.train.gradient_accumulation_steps), length: n(run.row_length), fill: f.percent(run.fill, 1) }) : t('review.run.batchPlain', { rows: n(r.train.per_device_train_batch_size * r.train.gradient_accumulation_steps), length: n(run.row_length) })],
        ref !== undefined && [t('review.run.reference'), t(`review.run.ref.${ref.how}`)],
        ref !== undefined && [t('review.run.refCost'), t(ref.passes <= 1 ? 'review.run.refOnce' : 'review.run.refEvery', { passes: f.number(ref.passes, { maximumFractionDigits: 1 }), share: f.percent(ref.gflop / Math.max(1e-9, run.gflop_per_step * run.total_steps)) })],
        [t('review.run.length'), t('review.run.lengthValue', { count: run.epochs, epochs: f.number(run.epochs, { maximumFractionDigits: 2 }), steps: n(run.total_steps) })],
        [t('review.run.lr'), r.train.warmup_steps > 0 ? t('review.run.lrWarm', { lr: writeNumber(r.train.learning_rate), schedule: r.train.lr_scheduler_type, warmup: writeNumber(r.train.warmup_steps) }) : t('review.run.lrValue', { lr: writeNumber(r.train.learning_rate), schedule: r.train.lr_scheduler_type })],
        [t('review.run.measured'), heldName === undefined ? t('review.run.evalNone') : r.train.eval_steps > 0 ? t('review.run.evalEvery', { name: heldName, steps: n(r.train.eval_steps) }) : t('review.run.evalEnd', { name: heldName })],
        ...(review.quantisation ? [[t('review.run.quantisation'), review.quantisation.loss_float32 === null ? t('review.run.quantisationAlone', { four: formatMetric(review.quantisation.loss_4bit, 'plain', f.locale) }) : t('review.run.quantisationValue', { four: formatMetric(review.quantisation.loss_4bit, 'plain', f.locale), full: formatMetric(review.quantisation.loss_float32, 'plain', f.locale), rows: n(review.quantisation.rows) })] as const] : []),
        ...(run.int8 === undefined ? [] : [[t('review.run.int8'), <Int8Proofs key="int8" proofs={run.int8} />] as const]),
        [h('wizard.review'), healthWords(r, h, f)],
        ...(run.device === undefined ? [] : [[t('review.run.device'), `${deviceWhy(run.device.why)}${run.device.precision === 'fp16' ? ', float16' : ''}`] as const]),
        run.device !== undefined && run.device.id !== 'cpu' && (r.samples.prompts.length > 0 || isProbed(r.method)) && [t('review.run.answers'), t('review.run.answersOn', { device: PROVIDER_NAMES[answersDevice(run.device.id)] })],
        [t('review.run.threads'), t('review.run.threadsValue', { count: run.threads, precision: run.precision })],
      ]} />
    </Card>
  );
}

/** What was measured of int8, and the way back to fp32 in one press: the review is asked again then. */
function Int8Proofs({ proofs }: { proofs: NonNullable<Review['run']['int8']> }) {
  const { t } = useTranslation('train'), f = useFormat(), { draft, setParam } = useDraft();
  const field = paramFields(draft.method, draft.adapter).find((x) => x.name === 'compute');
  const words = proofs.map((p) => `${t('review.run.int8Proof', { model: p.model, seeds: f.number(p.seeds), excess: f.percent(p.excess, 2), date: p.date })}${p.speedup === undefined ? '' : t('review.run.int8Faster', { times: f.number(p.speedup, { maximumFractionDigits: 2 }) })}`);
  return <>{words.length === 0 ? t('review.run.int8None') : words.join('; ')}{field !== undefined && <> <Button size="s" kind="quiet" onClick={() => { setParam(field, 'fp32'); }}>{t('review.run.int8Off')}</Button></>}</>;
}

export function TimeCard({ review, state, measure }: { review: Review | null; state: ReviewState; measure: () => void }) {
  const { t } = useTranslation('train'), f = useFormat();
  const { trial, trialError, trialRunning } = state, wait = <Skeleton width={74} height={12} />;
  const disk = review ? t('review.time.diskValue', { bytes: f.bytes(review.run.checkpoint_bytes * review.run.checkpoints), count: review.run.checkpoints }) : wait;
  return (
    <Card title={t('review.time.title')} right={trial ? t('review.time.source') : trialRunning ? t('review.time.running') : undefined} bodyless={false}>
      {trialError === null ? (
        <KeyValue items={[
          [t('review.time.speed'), trial ? t('review.time.tokens', { n: f.number(trial.tokens_per_second, { maximumFractionDigits: 0 }) }) : wait],
          [t('review.time.training'), trial ? f.duration(trial.training_seconds) : wait],
          [t('review.time.evaluations'), trial ? f.duration(trial.evaluation_seconds) : wait],
          trial?.answer_seconds !== undefined && trial.answer_seconds > 0 && [t('review.time.answers'), f.duration(trial.answer_seconds)],
          [t('review.time.setup'), trial ? f.duration(trial.setup_seconds) : wait],
          [t('review.time.peak'), trial ? f.bytes(trial.peak_rss) : wait],
          [t('review.time.firstLoss'), trial ? formatMetric(trial.loss, 'plain', f.locale) : wait],
          [t('review.time.disk'), disk],
        ]} />
      ) : <p className="small">{t('review.time.failed', { message: errorText(trialError).detail })}</p>}
      <p className="wz-timefoot faint">{review === null ? t('review.time.waits') : trialRunning ? t('review.time.runningHelp') : t('review.time.measureHelp')}{!trialRunning && (trial !== null || trialError !== null) && <Button size="s" kind="quiet" onClick={measure}>{t('review.time.again')}</Button>}</p>
    </Card>
  );
}
