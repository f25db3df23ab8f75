/** Translates tensor names by an architecture's rules, in both directions. */

import type { TensorChange, TensorRule } from './architectures/architecture.ts';
import { cannotWrite } from './gguf-types.ts';

const NUMBER = /\.(\d+)\./;

export class TensorNames {
  readonly #toHf = new Map<string, TensorRule>();
  readonly #toGguf = new Map<string, TensorRule>();

  constructor(rules: readonly TensorRule[]) {
    for (const rule of rules) {
      this.#toHf.set(rule.gguf, rule);
      if (!this.#toGguf.has(rule.hf)) this.#toGguf.set(rule.hf, rule);
    }
  }

  /** Null for a tensor that the architecture does not know. */
  toHf(name: string): { hf: string; change: TensorChange | undefined } | null {
    const { key, layer } = parts(name);
    const rule = this.#toHf.get(key);
    return rule === undefined ? null : { hf: rule.hf.replace('{n}', layer), change: rule.change };
  }

  /** Throws `gguf-unsupported` for a tensor that the architecture does not know. */
  toGguf(name: string): { gguf: string; change: TensorChange | undefined } {
    const { key, layer } = parts(name);
    const rule = this.#toGguf.get(key);
    if (rule === undefined) throw cannotWrite(`the format has no name for the tensor "${name.slice(0, 100)}" in this architecture`);
    return { gguf: rule.gguf.replace('{n}', layer), change: rule.change };
  }
}

function parts(name: string): { key: string; layer: string } {
  const layer = NUMBER.exec(name)?.[1] ?? '';
  return { key: layer === '' ? name : name.replace(NUMBER, '.{n}.'), layer };
}
