/** The protobuf encoder against the wire format, and models that onnxruntime must accept: odd names, many outputs, large and negative constants. */

import { describe, expect, test } from 'vitest';
import { Graph } from '../../src/main/engine/graph/node.ts';
import * as o from '../../src/main/engine/graph/ops/index.ts';
import { ProtoWriter } from '../../src/main/engine/onnx/protobuf.ts';
import { writeOnnx } from '../../src/main/engine/onnx/write.ts';
import { compile } from '../../src/main/engine/runtime/session.ts';

const hex = (w: ProtoWriter): string => Buffer.from(w.finish()).toString('hex');

describe('wire format', () => {
  test('varints', () => {
    expect(hex(new ProtoWriter().int(1, 150))).toBe('089601');
    expect(hex(new ProtoWriter().int(1, 0))).toBe('0800');
    expect(hex(new ProtoWriter().int(16, 1))).toBe('800101');
    expect(hex(new ProtoWriter().int(1, 2 ** 40))).toBe('08808080808020');
  });
  test('strings, nested messages, floats', () => {
    expect(hex(new ProtoWriter().text(2, 'testing'))).toBe('120774657374696e67');
    expect(hex(new ProtoWriter().message(3, new ProtoWriter().int(1, 150)))).toBe('1a03089601');
    expect(hex(new ProtoWriter().float(2, 1))).toBe('150000803f');
  });
  test('packed and negative integers', () => {
    expect(hex(new ProtoWriter().ints(4, [3, 270, 86942]))).toBe('2206038e029ea705');
    expect(hex(new ProtoWriter().ints(1, [-1]))).toBe('0a0affffffffffffffffff01');
  });
  test('long payloads are not copied into the small buffer', () => {
    const big = new Uint8Array(100_000).fill(7);
    const out = new ProtoWriter().int(1, 1).bytes(2, big).int(3, 2).finish();
    expect(out.length).toBe(2 + 1 + 3 + 100_000 + 2);
    expect(Array.from(out.subarray(0, 7))).toEqual([8, 1, 18, 0xa0, 0x8d, 6, 7]);
    expect(Array.from(out.subarray(-2))).toEqual([24, 2]);
  });
});

test('names that collide with generated ones, and names with odd characters', async () => {
  const g = new Graph();
  const x = g.input('v_0', [2]);
  g.output('t_1', o.mul(o.softplus(x), g.input('größe:α/β', [2])));
  g.output('c_0', o.add(x, -3.5));
  const program = await compile(g);
  const r = await program.run({ v_0: new Float32Array([0, 1]), 'größe:α/β': new Float32Array([2, 2]) });
  await program.dispose();
  expect([...r['c_0']!.data as Float32Array]).toEqual([-3.5, -2.5]);
  expect((r['t_1']!.data as Float32Array)[0]).toBeCloseTo(2 * Math.log(2), 5);
});

test('equal graphs give equal bytes', () => {
  const build = (): Uint8Array => { const g = new Graph(); g.output('y', o.softmax(o.matmul(g.input('a', [2, 3]), g.input('b', [3, 2])))); return writeOnnx(g).bytes; };
  expect(Buffer.from(build()).equals(Buffer.from(build()))).toBe(true);
});

test('file weights are listed once per file with offset and length in the model', () => {
  const g = new Graph();
  const at = (name: string, offset: number) => g.weight(name, [2], 'float32', { kind: 'file', path: '/models/a.safetensors', offset, byteLength: 8 });
  g.output('y', o.add(at('p', 128), at('q', 136)));
  const model = writeOnnx(g, { location: () => 'a.safetensors' });
  expect(model.externalFiles).toEqual([{ path: '/models/a.safetensors', location: 'a.safetensors' }]);
  const text = Buffer.from(model.bytes).toString('latin1');
  for (const s of ['location', 'a.safetensors', 'offset', '128', '136', 'length']) expect(text).toContain(s);
});
