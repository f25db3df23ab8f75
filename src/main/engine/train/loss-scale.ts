/**
 * The scale of the loss under float16: gradients below 2^-24 would vanish, so the loss is multiplied before the backward pass and gradients are divided after it. Halved when a
 * gradient overflows (the step is taken again at the smaller scale, so no row is lost), doubled after many good steps (Micikevicius et al., 2018; constants of PyTorch's GradScaler).
 */

export const GROWTH_INTERVAL = 2000;
const START = 2 ** 16, LEAST = 1, MOST = 2 ** 24;

export interface LossScaleState { scale: number; good: number }

export class LossScale {
  #state: LossScaleState;
  readonly #interval: number;
  constructor(state: LossScaleState = { scale: START, good: 0 }, interval = GROWTH_INTERVAL) { this.#state = { ...state }; this.#interval = interval; }

  get value(): number { return this.#state.scale; }
  /** For a checkpoint. */
  get state(): LossScaleState { return { ...this.#state }; }
  restore(state: LossScaleState): void { this.#state = { ...state }; }

  /** An overflow: false when the scale cannot shrink any more, so that scaling is not what is wrong. */
  overflowed(): boolean {
    if (this.#state.scale <= LEAST) return false;
    this.#state = { scale: Math.max(LEAST, this.#state.scale / 2), good: 0 };
    return true;
  }

  succeeded(): void {
    const good = this.#state.good + 1;
    this.#state = good < this.#interval ? { ...this.#state, good } : { scale: Math.min(MOST, this.#state.scale * 2), good: 0 };
  }
}
