/** Where a run is computed: the choice of a recipe or of the settings, and what a machine has. */
import { z } from 'zod';

export const PROVIDERS = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml', 'tfjs'] as const;
export const providerId = z.enum(PROVIDERS);
export type ProviderId = z.infer<typeof providerId>;
/** As their makers write them. */
export const PROVIDER_NAMES: Readonly<Record<ProviderId, string>> = { cpu: 'CPU', webgpu: 'WebGPU', cuda: 'CUDA', dml: 'DirectML', coreml: 'Core ML', tfjs: 'TensorFlow.js' };

/** Where a run on this device answers its prompts and probes: the same one; tfjs trains only. */
export const answersDevice = (id: ProviderId): ProviderId => (id === 'tfjs' ? 'cpu' : id);

/** `auto`: a graphics card where one was proven and is faster, else the processor. A software renderer is never chosen by itself. */
export const deviceChoice = z.enum(['auto', ...PROVIDERS]);
export type DeviceChoice = z.infer<typeof deviceChoice>;

/** fp16: matrix products in float16, master values, norms, softmax and losses in float32. Only on devices that report it. */
export const precision = z.enum(['fp32', 'fp16']);
export type Precision = z.infer<typeof precision>;

/** A device after it was tried in a process of its own. `gflops`: a product of 512 x 512 matrices, measured; null when it did not run. `software`: a renderer that computes on the processor. */
export const deviceProbe = z.object({ id: providerId, ok: z.boolean(), reason: z.string().nullable(), software: z.boolean(), half: z.boolean(), gflops: z.number().nullable() });
export type DeviceProbe = z.infer<typeof deviceProbe>;

export const CARD_SOURCES = ['nvidia-smi', 'sysfs', 'unified', 'software'] as const;
/** Memory of a graphics card, in bytes; null: not known. `shared`: it is the computer's own memory. `limit`: the setting `device_memory_gb`. `cards`: of so many, the one with the least room. */
export const cardMemory = z.object({ name: z.string().nullable(), total: z.number().nullable(), free: z.number().nullable(), source: z.enum(CARD_SOURCES).nullable(), shared: z.boolean(), limit: z.number().nullable(), cards: z.number() });
export type CardMemory = z.infer<typeof cardMemory>;

/** What `device` came to, and why, in one sentence for the log and the review. `memory`: of a graphics card. */
export const chosenDevice = z.object({ id: providerId, precision, why: z.string(), memory: cardMemory.optional() });
export type ChosenDevice = z.infer<typeof chosenDevice>;
/** What a recipe would get: the device, or why there is none. `half`: it has float16; null where it was not tried. */
export const deviceAnswer = z.object({ chosen: chosenDevice.nullable(), problem: z.string().nullable(), half: z.boolean().nullable() });
export type DeviceAnswer = z.infer<typeof deviceAnswer>;

export const SELF_TEST_STEPS = ['compile', 'forward', 'gradient', 'train', 'generate'] as const;
/** One step of the self-test of one device; `text` is what was measured, or the reason of the failure. */
export const selfTestStep = z.object({ device: providerId, step: z.enum(SELF_TEST_STEPS), ok: z.boolean(), text: z.string(), seconds: z.number() });
export type SelfTestStep = z.infer<typeof selfTestStep>;
/** How the last self-test of a device ended since the program started; `text`: the reason of the first step that failed. */
export const deviceTest = z.object({ device: providerId, ok: z.boolean(), text: z.string(), at: z.number() });
export type DeviceTest = z.infer<typeof deviceTest>;
