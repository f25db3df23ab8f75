/** What a training run is given, what it reports, and how it is steered. Nothing here knows of processes or stores. */

import type { MethodId } from '../../../shared/methods/index.ts';
import type { TrainerConfig } from '../../../shared/methods/trainer.ts';
import type { CardMemory, ProviderId } from '../../../shared/schema/device.ts';
import type { LoraAdapter } from '../../../shared/schema/recipe.ts';
import type { PeftAdapter } from '../io/peft-adapter.ts';
import type { EngineEvent } from '../protocol.ts';
import type { TrainRow } from '../methods/example-row.ts';

/** Weights on top of the model folder: a PEFT adapter, or a folder of full weights that replaces it. */
export interface StartWeights { folder: string; kind: 'adapter' | 'full' }

export interface TrainOptions {
  method: MethodId;
  config: TrainerConfig;
  /** null trains all weights. */
  adapter: LoraAdapter | null;
  modelFolder: string;
  start: StartWeights | null;
  /** Another model as the reference policy; absent or null: the policy as it is at the start. */
  reference?: { modelFolder: string; start: StartWeights | null } | null;
  /** Folder in which the reference's scores are kept from run to run; absent: they are not. */
  referenceCache?: string;
  /** Folder in which 8-bit copies of frozen layers are kept from run to run; absent: they are made for the run, in memory. */
  int8Cache?: string;
  /** Folder in which compiled graphs are kept from run to run; absent: they are not. */
  graphCache?: string;
  rows: readonly TrainRow[];
  /** Held-out rows; may be empty. */
  evalRows: readonly TrainRow[];
  /** Checkpoints are written below it as checkpoint-<step>. */
  runFolder: string;
  /** Checkpoint folder of this run to continue from. */
  resume: string | null;
  threads: number;
  /** Where the steps run; default cpu. */
  device?: ProviderId;
  /** Keep trained values and optimiser state in this process even where the device could hold them (webgpu); default: on the device. */
  optimiser?: 'host';
  /** Matrix products in float16 with a dynamic loss scale; master values stay float32. */
  half?: boolean;
  /** Identifies the recipe: a checkpoint of another recipe is refused. */
  recipeHash: string;
  /** Keep packed copies of frozen weights: 2 to 5 % faster, about twice their memory. Default: small weights and 8-bit ones, where they fit. */
  prepack?: boolean;
  /** Most bytes that the run may plan with; default: what is free, less a margin. */
  memoryLimit?: number;
  /** Bytes that are free; default: asked of the system. */
  freeMemory?: number;
  /** Memory of the graphics card that `device` is; absent: not known. */
  cardMemory?: CardMemory;
  /** Bytes that `sample` and `probe` will need, for the plan: in the computer, and on the card. */
  besideBytes?: number;
  besideCardBytes?: number;
  /** Called after each evaluation (and at the end) to answer fixed prompts with the current weights. */
  sample?: (moment: SampleMoment) => Promise<readonly TrainSample[]>;
  /** Called before the first step and after each evaluation: measures of answers to fixed prompts, by metric name. */
  probe?: (moment: SampleMoment) => Promise<Readonly<Record<string, number>>>;
}

export interface SampleMoment { step: number; weights: CurrentWeights; /** The weights as they were when the run began; made when asked. */ start: () => CurrentWeights }
/** Views of the weights as they are now; copy what outlives the call. */
export type CurrentWeights = { kind: 'adapter'; adapter: PeftAdapter } | { kind: 'full'; /** Undefined for a frozen parameter, which is the model's. */ tensor: (name: string) => Float32Array | undefined };
export type TrainSample = Omit<Extract<EngineEvent, { type: 'sample' }>, 'type' | 'step'>;

export type TrainEvent = EngineEvent;
export type TrainSink = (event: TrainEvent) => void;

/** Read between steps. `halt`: finish the step, write a checkpoint, end. `signal`: end at once with `cancelled`, keeping the last checkpoint. */
export interface TrainControl { halt?: 'pause' | 'stop' | undefined; signal?: AbortSignal | undefined }
