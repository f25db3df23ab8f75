/** What the engine needs for an export: paths resolved, and the lineage that the model card tells. */
import { basename } from 'node:path';
import { stringify } from 'yaml';
import { AnnealError } from '../../../shared/errors.ts';
import { exportFormatOf } from '../../../shared/export-formats.ts';
import type { Checkpoint, Dataset, Model, Run } from '../../../shared/schema/entities.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { ExportChoice } from '../../../shared/schema/export.ts';
import type { ExportLineage, ExportTask } from '../../engine/protocol.ts';
import type { Store } from '../../store/open.ts';
import { isRewardModel, nameOf } from '../reward/reward-models.ts';
import { physicalCores } from '../machine.ts';

/** `owner/name`, as a hub has it. */
const HUB_NAME = /^[\w-]+\/[\w.-]+$/;
/** Longer templates are in the exported files, not in the card. */
const LONG_TEMPLATE = 200;

export function exportTask(store: Store, choice: ExportChoice, version: string): ExportTask {
  const model = store.models.get(choice.model_id), checkpoint = choice.checkpoint_id === null ? null : store.checkpoints.get(choice.checkpoint_id);
  if (checkpoint !== null && checkpoint.model_id !== model.id) throw new AnnealError('bad-request', `The checkpoint of ${checkpoint.run_name} at step ${checkpoint.step} belongs to another model than "${model.name}".`);
  if (isRewardModel(store, model, checkpoint)) throw new AnnealError('bad-request', `"${nameOf(model, checkpoint)}" is a reward model, and exports are for language models: its own folder is already what transformers and PEFT load (AutoModelForSequenceClassification); copy ${basename((checkpoint ?? model).path)}.`);
  const run = checkpoint === null ? null : store.runs.find(checkpoint.run_id) ?? null;
  const sets = run === null ? [] : [{ role: 'train' as const, set: store.datasets.find(run.train_dataset_id) }, { role: 'eval' as const, set: run.eval_dataset_id === null ? undefined : store.datasets.find(run.eval_dataset_id) }];
  const format = exportFormatOf(choice.format), type = choice.type ?? format.default;
  return {
    model: { folder: model.path, checkpoint: checkpoint === null ? null : { folder: checkpoint.path, kind: checkpoint.kind }, chat_template: run?.recipe.chat_template ?? null },
    format: choice.format, type, max_shard_bytes: choice.max_shard_bytes ?? null, system: choice.system ?? null, name: exportName(model, checkpoint), threads: store.settings.get().threads || physicalCores(),
    data_dir: (sets.find((s) => s.role === 'eval' && s.set !== undefined) ?? sets.find((s) => s.set !== undefined))?.set?.dir ?? null,
    lineage: {
      base: { name: model.name, hub: model.hub?.model ?? (HUB_NAME.test(model.name) ? model.name : null), family: model.family, parameters: model.parameters, license: model.license, weight_hash: model.weight_hash },
      run: run === null || checkpoint === null ? null : runFacts(run, checkpoint, model, store), datasets: sets.flatMap(({ role, set }) => (set === undefined ? [] : [datasetFacts(role, set)])),
      imported: checkpoint?.imported === undefined ? null : `${checkpoint.run_name} (${adapterWords(checkpoint.imported.adapter)})`, weight_hash: checkpoint?.weight_hash ?? model.weight_hash, version,
    },
  };
}

/** A name for files and folders: letters, digits, points and dashes. */
export function exportName(model: Model, checkpoint: Checkpoint | null): string {
  const plain = (text: string): string => text.normalize('NFKD').replaceAll(/[^\w.-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '');
  return [plain(model.name.split('/').at(-1) ?? '') || 'model', ...(checkpoint === null ? [] : [plain(checkpoint.run_name) || 'run', ...(checkpoint.imported ? [] : [`step${checkpoint.step}`])])].join('-').slice(0, 100);
}

function runFacts(run: Run, checkpoint: Checkpoint, model: Model, store: Store): NonNullable<ExportLineage['run']> {
  const { adapter } = run.recipe, names = new Map(store.datasets.list().map((d) => [d.id, d.name]));
  return {
    name: run.name, method: run.method, adapter: adapter === 'none' ? 'all weights' : adapterWords(adapter),
    step: checkpoint.step, total_steps: run.total_steps, epoch: run.total_steps === 0 ? run.epoch : (run.epoch * checkpoint.step) / Math.max(1, run.step), tokens: run.step === 0 ? run.tokens : Math.round((run.tokens * checkpoint.step) / run.step), seconds: run.step === 0 ? run.seconds : (run.seconds * checkpoint.step) / run.step,
    // Metrics of the very checkpoint; the run's last ones where the checkpoint is the last.
    metrics: Object.fromEntries(Object.entries({ ...(checkpoint.step === run.step ? run.last : {}), ...checkpoint.metrics }).filter(([name]) => !OF_THE_MACHINE.has(name))), recipe: recipeText(run, model, names),
  };
}

/** Metrics that say how the run went on its machine, and nothing of the model. */
const OF_THE_MACHINE = new Set(['rss', 'step_seconds', 'tokens_per_second', 'epoch', 'num_tokens', 'learning_rate', 'grad_norm']);

function adapterWords(a: LoraAdapter): string {
  const kind = `${a.load_in_4bit ? 'Q' : ''}${a.use_dora ? 'DoRA' : 'LoRA'}`;
  return [kind, `rank ${a.r}`, `alpha ${a.lora_alpha}`, ...(a.use_rslora ? ['rsLoRA'] : []), ...(a.load_in_4bit ? ['base in 4 bit while it was trained'] : [])].join(', ');
}

/** The recipe without paths of this machine: model and data by their names. */
function recipeText({ recipe, train_dataset_id: train, train_dataset_name: trainName, eval_dataset_id: evaluation }: Run, model: Model, names: ReadonlyMap<string, string>): string {
  const { samples: _, threads: _threads, ...rest } = recipe, template = recipe.chat_template;
  return stringify({
    ...rest, model: model.name, data: { ...recipe.data, train: names.get(train) ?? trainName, ...(evaluation === null ? {} : { eval: names.get(evaluation) ?? 'removed' }) },
    ...(template === undefined || template.length <= LONG_TEMPLATE ? {} : { chat_template: '(in the exported files)' }),
  }, { lineWidth: 120 });
}

const datasetFacts = (role: 'train' | 'eval', d: Dataset): ExportLineage['datasets'][number] => ({ role, name: d.name, rows: d.rows, format: d.format, version: d.version });
