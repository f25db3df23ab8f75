/** A graph as text, one line per value, numbered in order of appearance: equal graphs print equally. */

import type { Graph, Value } from './node.ts';

export function print(g: Graph): string {
  const numbers = new Map<Value, string>();
  const ref = (v: Value): string => {
    const found = numbers.get(v);
    if (found) return found;
    const s = v.source;
    if (s?.kind === 'constant') return v.shape.length === 0 ? `${Number(s.data[0])}` : constantText(v);
    return v.name ? `@${v.name}` : `%?${v.id}`;
  };
  const type = (v: Value): string => `${v.dtype}[${v.shape.join(',')}]`;
  const lines: string[] = [];
  for (const v of g.values) if (v.source && v.source.kind !== 'constant') lines.push(`${v.source.kind} @${v.name} ${type(v)}`);
  for (const n of g.nodes) {
    for (const o of n.outputs) numbers.set(o, `%${numbers.size}`);
    const params = Object.keys(n.params).length ? ` ${JSON.stringify(n.params)}` : '';
    const marks = `${n.segment === undefined ? '' : ` #${n.segment}`}${n.backward ? ' bwd' : ''}`;
    lines.push(`${n.outputs.map(o => `${ref(o)}:${type(o)}`).join(', ')} = ${n.op.name}(${n.inputs.map(ref).join(', ')})${params}${marks}`);
  }
  for (const [name, v] of g.outputs) lines.push(`output ${name} = ${ref(v)}`);
  return `${lines.join('\n')}\n`;
}

function constantText(v: Value): string {
  if (v.source?.kind !== 'constant') return '';
  const { data } = v.source;
  const head = Array.from({ length: Math.min(4, data.length) }, (_, i) => Number(data[i])).join(' ');
  return `const ${v.dtype}[${v.shape.join(',')}]{${head}${data.length > 4 ? ' …' : ''}}`;
}
