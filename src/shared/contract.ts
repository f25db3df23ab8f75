/** The one list of calls and streams between a face (window, browser tab, command line) and the host. Handlers live in main/host/services, one file per namespace. */
import { z } from 'zod';
import { call, stream } from './rpc/define.ts';
import { adapterFacts } from './schema/adapter.ts';
import { id, path, text } from './schema/base.ts';
import { cardMemory, chosenDevice, deviceAnswer, deviceChoice, deviceTest, precision, providerId, selfTestStep } from './schema/device.ts';
import { CACHES, cacheSize } from './schema/cache.ts';
import { datasetPreview, fileEntry, modelPreview, rowView } from './schema/data.ts';
import { checkpoint, dataset, demo, logLine, model, run, sample, settings, settingsPatch } from './schema/entities.ts';
import { exportChoice, exportPlan, exportRecord } from './schema/export.ts';
import { download, hubAccess, hubName, hubPreview } from './schema/hub.ts';
import { modelImport } from './schema/model-import.ts';
import { modelTensors, normProgress, renderedTemplate, templateMessage } from './schema/model-view.ts';
import { generateOptions, generationEnd, generationStart, generationToken } from './schema/generate.ts';
import { columnMapping, recipe, recipeIssue, sampling } from './schema/recipe.ts';
import { judgeQuestion, rewardCard, scoredRow } from './schema/reward.ts';
import { maskRow, review, trial } from './schema/review.ts';
import { provider, systemInfo, systemStatus } from './schema/system.ts';

const none = z.strictObject({});
const byId = z.strictObject({ id });
const ok = z.object({ ok: z.literal(true) });
/** A recipe as a person wrote it: checked by `recipes.check`, which names what is wrong. */
const draft = z.record(z.string(), z.unknown());

const change = z.discriminatedUnion('topic', [
  z.object({ topic: z.literal('model'), id, record: model.nullable() }),
  z.object({ topic: z.literal('dataset'), id, record: dataset.nullable() }),
  z.object({ topic: z.literal('run'), id, record: run.nullable() }),
  z.object({ topic: z.literal('checkpoint'), id, record: checkpoint.nullable() }),
  z.object({ topic: z.literal('demo'), id, record: demo.nullable() }),
  z.object({ topic: z.literal('export'), id, record: exportRecord.nullable() }),
  z.object({ topic: z.literal('settings'), id, record: settings.nullable() }),
]);
export type Change = z.infer<typeof change>;

/** One metric, down-sampled to at most `points` buckets that keep extremes. Arrays are parallel. `x` is in the asked unit: step, tokens, epoch, or seconds of training. */
const series = z.object({ name: z.string(), steps: z.array(z.number()), x: z.array(z.number()), mean: z.array(z.number()), min: z.array(z.number()), max: z.array(z.number()), count: z.number() });
export type Series = z.infer<typeof series>;

const generation = z.discriminatedUnion('type', [
  z.object({ ...generationStart, model: z.string(), checkpoint: z.string().nullable() }), generationToken, generationEnd,
]);
export type Generation = z.infer<typeof generation>;

export const contract = {
  system: {
    info: call({ input: none, output: systemInfo }),
    /** About once a second while somebody watches. */
    watch: stream({ input: none, item: systemStatus, policy: 'latest' }),
    /** A short text with versions, devices, last errors; paths of the home folder are shortened. */
    diagnostics: call({ input: none, output: z.object({ text: z.string() }) }),
  },
  devices: {
    /** What the executor has, and what a run would get now (null: the setting names a device that cannot be used; `problem` says why). `cuda.obstacle`: why its files cannot be fetched. */
    state: call({ input: none, output: z.object({ providers: z.array(provider), chosen: chosenDevice.nullable(), problem: z.string().nullable(), cuda: z.object({ installed: z.boolean(), obstacle: z.string().nullable() }), tests: z.array(deviceTest), /** Of the graphics card, where there is one. */ memory: cardMemory.nullable() }) }),
    /** What a recipe with these keys would get, and why. Tries the device that it names, once a life of the host. */
    choose: call({ input: z.strictObject({ device: deviceChoice.optional(), precision: precision.optional(), compute: text(8).optional() }), output: deviceAnswer }),
    /** Five steps in a process of its own; the death of that process is a failed step. */
    test: stream({ input: z.strictObject({ device: providerId }), item: selfTestStep, policy: 'every' }),
    /** Fetches the CUDA provider's files from the network: only ever because a person asked for it. */
    /** A transfer from the network: only with the user's yes. */
    fetchCuda: stream({ input: z.strictObject({ confirmed: z.literal(true) }), item: z.object({ line: z.string(), done: z.boolean() }), policy: 'every' }),
  },
  settings: {
    get: call({ input: none, output: settings }),
    set: call({ input: settingsPatch, output: settings }),
  },
  caches: {
    /** What is kept from run to run, to spare time. */
    list: call({ input: none, output: z.array(cacheSize) }),
    /** Empties one; what runs use now they have in memory. Gives what was freed. */
    clear: call({ input: z.strictObject({ cache: z.enum(CACHES) }), output: cacheSize }),
  },
  /** All entity changes; the first items are a full snapshot of every topic. */
  changes: { watch: stream({ input: none, item: change, policy: 'every' }) },
  files: {
    /** Folders and files for the built-in picker. Without a path: the start places. */
    list: call({ input: z.strictObject({ path: path.optional(), want: z.enum(['model', 'dataset', 'recipe', 'folder']) }), output: z.object({ path: z.string().nullable(), parent: z.string().nullable(), entries: z.array(fileEntry), places: z.array(z.object({ name: z.string(), path: z.string() })) }) }),
  },
  models: {
    list: call({ input: none, output: z.array(model) }),
    get: call({ input: byId, output: modelPreview }),
    inspect: call({ input: z.strictObject({ path }), output: modelPreview }),
    /** Answers when it is imported. `startImport` is the same as a job: for a face that shows progress. */
    import: call({ input: z.strictObject({ path, name: text(120).optional() }), output: model }),
    startImport: call({ input: z.strictObject({ path, name: text(120).optional() }), output: modelImport }),
    /** All imports of this session, at every change, several times a second. */
    imports: stream({ input: none, item: z.object({ imports: z.array(modelImport) }), policy: 'latest' }),
    /** Ends it and deletes what it made; one that has ended is taken off the list. */
    cancelImport: call({ input: byId, output: ok }),
    rename: call({ input: z.strictObject({ id, name: text(120) }), output: model }),
    /** Every tensor of its files, embeddings first, then layer by layer. */
    tensors: call({ input: byId, output: modelTensors }),
    /** Measures the norm of every tensor: reads all weights once. An item a tensor, in the order of `tensors`. */
    norms: stream({ input: byId, item: normProgress, policy: 'every' }),
    /** The model's chat template applied to a conversation, with special tokens and the assistant's words told apart. */
    render: call({ input: z.strictObject({ id, messages: z.array(templateMessage).min(1).max(40) }), output: renderedTemplate }),
    /** Takes it from the list; files that are the person's stay. Refused while runs were trained from it, unless `with_runs`: then those runs and their checkpoints are deleted first. */
    remove: call({ input: z.strictObject({ id, with_runs: z.boolean().default(false) }), output: ok }),
  },
  /** Models from a Hugging Face hub. These calls are the only ones that use the network: `inspect` for its one question, a download while it runs. */
  hub: {
    /** Asks the hub what it would send. Nothing is kept. */
    inspect: call({ input: z.strictObject({ model: hubName, /** Path of one GGUF file of the repository. */ file: z.string().min(1).max(1000).optional() }), output: hubPreview }),
    /** Starts (or continues) the download of exactly what `inspect` showed; the model is imported when it is complete and its checksums agree. */
    download: call({ input: z.strictObject({ model: hubName, file: z.string().min(1).max(1000).optional(), name: text(120).optional() }), output: download }),
    list: call({ input: none, output: z.array(download) }),
    /** All downloads of this session and unfinished ones of earlier sessions, at every change, several times a second. */
    watch: stream({ input: none, item: z.object({ downloads: z.array(download) }), policy: 'latest' }),
    pause: call({ input: byId, output: download }),
    /** Continues a paused or failed download where it stopped. */
    resume: call({ input: byId, output: download }),
    /** Ends it and deletes what it fetched. */
    cancel: call({ input: byId, output: ok }),
    /** Which hub is asked, and whether an access token is known. Asks nothing on the network. */
    access: call({ input: none, output: hubAccess }),
    /** Access token for gated models; null forgets it, the file too. It stays in memory unless `remember`. */
    token: call({ input: z.strictObject({ token: z.string().min(1).max(500).nullable(), remember: z.boolean().default(false) }), output: hubAccess }),
  },
  /** PEFT adapters from elsewhere. An imported one is a checkpoint of the model that it fits: it chats, compares, exports, and runs start from it. */
  adapters: {
    /** What the folder says; with a model, whether it fits. */
    inspect: call({ input: z.strictObject({ path, model_id: id.nullable() }), output: adapterFacts }),
    import: call({ input: z.strictObject({ path, model_id: id, name: text(120).optional() }), output: checkpoint }),
    rename: call({ input: z.strictObject({ id, name: text(120) }), output: checkpoint }),
    /** Forgets it; its folder stays. */
    remove: call({ input: byId, output: ok }),
  },
  datasets: {
    list: call({ input: none, output: z.array(dataset) }),
    inspect: call({ input: z.strictObject({ path, format: z.string().optional(), columns: columnMapping.optional() }), output: datasetPreview }),
    /** A file with unreadable rows is refused, naming the first, unless `skip_bad_rows`: then they are left out and counted. */
    import: call({ input: z.strictObject({ path, name: text(120).optional(), format: z.string().optional(), columns: columnMapping.optional(), skip_bad_rows: z.boolean().default(false) }), output: dataset }),
    rows: call({ input: z.strictObject({ id, offset: z.number().int().min(0), limit: z.number().int().min(1).max(500), query: z.string().max(200).optional() }), output: z.object({ rows: z.array(rowView), total: z.number() }) }),
    /** Writes its rows as a file of a format into the folder `exports` of the data folder; a file of that name is never overwritten. */
    export: call({ input: z.strictObject({ id, format: z.string().max(40), file: z.enum(['jsonl', 'csv']) }), output: z.object({ path: z.string(), rows: z.number(), bytes: z.number() }) }),
    rename: call({ input: z.strictObject({ id, name: text(120) }), output: dataset }),
    remove: call({ input: byId, output: ok }),
  },
  recipes: {
    /** Fills defaults and names every problem. `yaml` instead of `recipe` parses text. */
    check: call({ input: z.strictObject({ recipe: draft.optional(), yaml: z.string().max(200_000).optional() }), output: z.object({ recipe: recipe.nullable(), issues: z.array(recipeIssue), yaml: z.string().nullable() }) }),
    /** The review card: reads all rows. Items: progress from 0 to 1, then the result. */
    review: stream({ input: z.strictObject({ recipe: draft }), item: z.object({ progress: z.number(), review: review.nullable() }), policy: 'latest' }),
    /** One row as the model will see it. */
    row: call({ input: z.strictObject({ recipe: draft, index: z.number().int().min(0) }), output: maskRow }),
    /** Runs a few real steps, keeps nothing, and reports what it measured. */
    trial: call({ input: z.strictObject({ recipe: draft }), output: trial }),
  },
  runs: {
    list: call({ input: none, output: z.array(run) }),
    get: call({ input: byId, output: run }),
    create: call({ input: z.strictObject({ recipe: draft }), output: run }),
    pause: call({ input: byId, output: run }),
    resume: call({ input: byId, output: run }),
    /** Puts a waiting run at a place in the queue, from 1; beyond the end means last. */
    move: call({ input: z.strictObject({ id, to: z.number().int().min(1) }), output: run }),
    /** Finishes the current step, saves a checkpoint, ends the run. */
    stop: call({ input: byId, output: run }),
    rename: call({ input: z.strictObject({ id, name: text(120) }), output: run }),
    /** Deletes the run's record; `files` also its checkpoints. */
    remove: call({ input: z.strictObject({ id, files: z.boolean() }), output: ok }),
    metrics: call({
      input: z.strictObject({ id, names: z.array(z.string().max(64)).min(1).max(32), x: z.enum(['step', 'tokens', 'epoch', 'seconds']).default('step'), points: z.number().int().min(2).max(5000).default(800), from_step: z.number().optional(), to_step: z.number().optional() }),
      output: z.object({ seq: z.number(), series: z.array(series) }),
    }),
    samples: call({ input: byId, output: z.array(sample) }),
    log: call({ input: z.strictObject({ id, after: z.number().int().min(0).default(0), limit: z.number().int().min(1).max(2000).default(500) }), output: z.array(logLine) }),
    checkpoints: call({ input: z.strictObject({ id: id.optional() }), output: z.array(checkpoint) }),
    /** "Metrics of this run are now at seq S": pull what you need. */
    watch: stream({ input: byId, item: z.object({ seq: z.number(), step: z.number(), log_seq: z.number(), samples: z.number() }), policy: 'latest' }),
  },
  chat: {
    /** One answer of one checkpoint. `messages` go through the chat template; `prompt` is continued as it stands. */
    generate: stream({
      input: z.strictObject({ model_id: id, checkpoint_id: id.nullable(), messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().max(200_000) })).max(200).optional(), prompt: z.string().max(200_000).optional(), sampling, options: generateOptions.prefault({}) }),
      item: generation, policy: 'every',
    }),
  },
  rewards: {
    /** The last report card of a run; null: none yet. A run of method reward with held-out pairs gets one when it completes. */
    card: call({ input: byId, output: rewardCard.nullable() }),
    /** Makes a report card from the run's last checkpoint on its held-out pairs, and keeps it. */
    measure: stream({ input: byId, item: z.object({ progress: z.number(), card: rewardCard.nullable() }), policy: 'every' }),
    /** Scores the answers of a dataset with a reward model, or with a language model that is asked (`judge`): progress, then the rows in slices, the last with `done`. `rows`: only the first so many. */
    score: stream({ input: z.strictObject({ model_id: id, checkpoint_id: id.nullable(), dataset_id: id, rows: z.number().int().min(1).nullable().default(null), judge: judgeQuestion.nullable().default(null) }), item: z.object({ progress: z.number(), rows: z.array(scoredRow), left_out: z.number(), done: z.boolean() }), policy: 'every' }),
  },
  exports: {
    list: call({ input: none, output: z.array(exportRecord) }),
    /** What it needs and what it will write; with `out`, whether it fits there. Writes nothing. */
    plan: call({ input: exportChoice.extend({ out: path.optional() }), output: exportPlan }),
    /** Begins a job; `out` is a folder that does not exist yet, or is empty. Progress comes with `changes`. */
    start: call({ input: exportChoice.extend({ out: path }), output: exportRecord }),
    cancel: call({ input: byId, output: exportRecord }),
    /** Forgets the record; the exported files stay. */
    remove: call({ input: byId, output: ok }),
  },
  demo: {
    /** Base score, training, tuned score on the embedded model and data. Returns the demo already under way, if any. */
    start: call({ input: none, output: demo }),
    cancel: call({ input: byId, output: demo }),
    latest: call({ input: none, output: demo.nullable() }),
  },
} as const;
export type Contract = typeof contract;
