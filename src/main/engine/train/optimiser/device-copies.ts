/** Flat float32 vectors to a device and back, through programs that copy their input: one pair for each length. */

import { copyGraph } from '../../optim/update-graph.ts';
import type { DeviceTensor, Traffic } from '../../runtime/device-tensor.ts';
import { compile, type CompileOptions, type Program } from '../../runtime/session.ts';

export class DeviceCopies {
  readonly #options: CompileOptions;
  readonly #up = new Map<number, Program>();
  readonly #down = new Map<number, Program>();
  constructor(options: Pick<CompileOptions, 'provider' | 'threads'> & { traffic?: Traffic | undefined }) { this.#options = { ...options, optimization: 'disabled' }; }

  async upload(data: Float32Array): Promise<DeviceTensor> {
    const program = this.#up.get(data.length) ?? await compile(copyGraph(data.length), { ...this.#options, keep: ['y'] });
    this.#up.set(data.length, program);
    return (await program.runKeeping({ x: data })).kept['y']!;
  }

  async download(tensor: DeviceTensor, into: Float32Array): Promise<void> {
    const program = this.#down.get(into.length) ?? await compile(copyGraph(into.length), this.#options);
    this.#down.set(into.length, program);
    await program.run({ x: tensor }, ['y'], { y: into });
  }

  /** Tensors that were uploaded must have been released. */
  async dispose(): Promise<void> {
    for (const program of [...this.#up.values(), ...this.#down.values()]) await program.dispose();
    this.#up.clear();
    this.#down.clear();
  }
}
