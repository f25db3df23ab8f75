/** One attribute of a node, an AttributeProto of onnx.proto3 (ONNX 1.16). */

import type { Attribute } from '../graph/op.ts';
import { ProtoWriter } from './protobuf.ts';

export function attributeProto(name: string, a: Attribute): ProtoWriter {
  const w = new ProtoWriter().text(1, name);
  if ('int' in a) return w.int(3, a.int).int(20, 2);
  if ('float' in a) return w.float(2, a.float).int(20, 1);
  if ('text' in a) return w.text(4, a.text).int(20, 3);
  return w.ints(8, a.ints).int(20, 7);
}
