/** The verifier finds broken graphs, and building refuses bad operands with the shapes named. */

import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/main/engine/graph/node.ts';
import type { Value } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { gradients } from '../../src/main/engine/graph/passes/index.ts';
import { verify } from '../../src/main/engine/graph/verify.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function sound(): { g: Graph; x: Value; y: Value; z: Value } {
  const g = new Graph();
  const x = g.input('x', [2, 3]);
  const y = o.exp(x);
  const z = o.reduceSum(y, [1]);
  g.output('z', z);
  return { g, x, y, z };
}

describe('verify finds', () => {
  const broken: Record<string, (t: ReturnType<typeof sound>) => void> = {
    'a wrong shape': ({ y }) => { (y as Mutable<Value>).shape = [3, 2]; },
    'a wrong type': ({ y }) => { (y as Mutable<Value>).dtype = 'float64'; },
    'nodes out of order': ({ g }) => { g.nodes.reverse(); },
    'a missing node': ({ g }) => { g.nodes.pop(); },
    'a value of another graph': ({ g }) => { g.outputs.set('other', sound().z); },
    'parameters that the op refuses': ({ z }) => { (z.node as Mutable<NonNullable<Value['node']>>).params = { axes: [7], keepDims: false }; },
    'a constant of the wrong size': ({ g }) => { (g.constant(new Float32Array(9), [9]) as Mutable<Value>).shape = [8]; },
    'a weight whose file range does not fit': ({ g }) => { g.weight('w', [4], 'float16', { kind: 'file', path: '/dev/null', offset: 0, byteLength: 16 }); },
  };
  test('nothing in a sound graph', () => { expect(() => { verify(sound().g); }).not.toThrow(); });
  test.each(Object.keys(broken))('%s', name => {
    const t = sound();
    broken[name]!(t);
    expect(() => { verify(t.g); }).toThrow(expect.objectContaining({ name: 'AnnealError' }));
  });
});

describe('building refuses', () => {
  const bad: Record<string, [(g: Graph) => unknown, RegExp]> = {
    'shapes that do not broadcast': [g => o.add(g.input('a', [2, 3]), g.input('b', [4])), /\[2, 3\].*\[4\]/],
    'inner sizes that differ': [g => o.matmul(g.input('a', [2, 3]), g.input('b', [4, 5])), /inner sizes.*\[2, 3\].*\[4, 5\]/],
    'mixed types': [g => o.add(g.input('a', [2]), g.input('b', [2], 'float64')), /cast/],
    'a reshape that loses elements': [g => o.reshape(g.input('a', [6]), [4]), /\[6\].*\[4\]/],
    'an axis out of range': [g => o.reduceSum(g.input('a', [6]), [1]), /axis 1/],
    'two inputs of one name': [g => [g.input('a', [1]), g.input('a', [1])], /"a" is used twice/],
    'float ids': [g => o.gather(g.input('t', [3]), g.input('i', [1])), /int32 or int64/],
    'a loss with many elements': [g => { const x = g.input('x', [2]); return gradients(o.exp(x), [x]); }, /one element/],
    'operands of two graphs': [g => o.add(g.input('a', [1]), new Graph().input('b', [1])), /another graph/],
  };
  test.each(Object.keys(bad))('%s', name => {
    const [build, message] = bad[name]!;
    expect(() => build(new Graph())).toThrow(message);
  });
});
