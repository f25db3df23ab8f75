/** Activations by their names in config.json, plain and as the gate of a feed-forward layer. */

import { gegluTanh, gelu, geluTanh, relu, silu, swiglu } from '../graph/fn/index.ts';
import type { Value } from '../graph/node.ts';
import { mul } from '../graph/ops/index.ts';
import { configError } from './config-error.ts';

export type Activation = 'silu' | 'gelu' | 'gelu_tanh' | 'relu';

const NAMES: Readonly<Record<string, Activation>> = { silu: 'silu', swish: 'silu', gelu: 'gelu', gelu_new: 'gelu_tanh', gelu_pytorch_tanh: 'gelu_tanh', gelu_fast: 'gelu_tanh', relu: 'relu' };
const PLAIN: Readonly<Record<Activation, (x: Value) => Value>> = { silu, gelu, gelu_tanh: geluTanh, relu };

export function activationOf(name: unknown): Activation {
  const found = typeof name === 'string' && Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (found === undefined) throw configError(`the activation ${JSON.stringify(name)} is not known (known are ${Object.keys(NAMES).join(', ')})`);
  return found;
}

export function activate(activation: Activation, x: Value): Value { return PLAIN[activation](x); }

/** activation(gate) * up. */
export function gated(activation: Activation, gate: Value, up: Value): Value {
  if (activation === 'silu') return swiglu(gate, up);
  return activation === 'gelu_tanh' ? gegluTanh(gate, up) : mul(PLAIN[activation](gate), up);
}
