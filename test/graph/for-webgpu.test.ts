/** What is rewritten for WebGPU keeps its values: sin and cos over many turns, logical or; everything else is left alone. */

import { expect, test } from 'vitest';
import { interpret } from '../../src/main/engine/graph/interpret.ts';
import { Graph } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { forWebgpu } from '../../src/main/engine/graph/passes/index.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';

const ANGLES = Float32Array.from({ length: 4001 }, (_, i) => (i - 2000) * 0.4137);

function turning(): Graph {
  const g = new Graph(), x = g.input('x', [ANGLES.length]);
  g.output('sin', o.sin(x));
  g.output('cos', o.cos(x));
  return g;
}

test('sin and cos by reduction and series: exact to 1e-6 in the interpreter, to 2e-6 in float32, over 130 turns each way', async () => {
  const g = forWebgpu(turning());
  expect(g.nodes.some((n) => n.op.name === 'sin' || n.op.name === 'cos')).toBe(false);
  const exact = interpret(g, { x: ANGLES });
  const program = await compile(g, { threads: 1 }), rounded = await program.run({ x: ANGLES });
  await program.dispose();
  for (const [name, f] of [['sin', Math.sin], ['cos', Math.cos]] as const) ANGLES.forEach((a, i) => {
    expect(Math.abs(exact[name]!.data[i]! - f(a)), `${name}(${a})`).toBeLessThan(1e-6);
    expect(Math.abs(Number(rounded[name]!.data[i]) - f(a)), `${name}(${a}) in float32`).toBeLessThan(2e-6);
  });
});

test('logical or by De Morgan', () => {
  const g = new Graph(), a = g.input('a', [4], 'bool'), b = g.input('b', [4], 'bool');
  g.output('y', o.logicalOr(a, b));
  expect(Array.from(interpret(forWebgpu(g), { a: Uint8Array.of(0, 0, 1, 1), b: Uint8Array.of(0, 1, 0, 1) })['y']!.data)).toEqual([0, 1, 1, 1]);
});

test('a graph without them is the same graph', () => {
  const g = new Graph(), x = g.input('x', [3]);
  g.output('y', o.exp(x));
  expect(forWebgpu(g)).toBe(g);
});
