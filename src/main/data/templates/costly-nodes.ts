/**
 * The places of a template where one single step of the interpreter can take time or memory without end: what is turned into text or JSON (a list that holds itself twice, sixty levels deep, is small until it is written out),
 * and replacements and joins, whose result is as long as the product of what they are given. Found once, when the template is parsed; the interpreter looks at the values there before it goes on.
 */
import type { Interpreter } from '@huggingface/jinja';

export type Node = NonNullable<Parameters<Interpreter['evaluate']>[0]>;
export interface CostlyNodes {
  /** Nodes whose value is walked through to its leaves. */
  readonly walked: ReadonlySet<Node>;
  /** What a replacement or a join works on -> its arguments. */
  readonly multiplied: ReadonlyMap<Node, readonly Node[]>;
  /** `x.replace`, where it is called at once. */
  readonly called: ReadonlySet<Node>;
}

const isNode = (v: unknown): v is Node => typeof v === 'object' && v !== null && 'type' in v && typeof v.type === 'string';
const get = (node: Node, key: string): unknown => Reflect.get(node, key);
const nodes = (v: unknown): Node[] => (Array.isArray(v) ? v.filter(isNode) : []);
const BODIES = ['body', 'alternate', 'defaultBlock'];
const MULTIPLYING = new Set(['replace', 'join']);

export function findCostlyNodes(program: object): CostlyNodes {
  const walked = new Set<Node>(), multiplied = new Map<Node, readonly Node[]>(), called = new Set<Node>();
  const visit = (node: object): void => {
    for (const key of BODIES) for (const child of nodes(Reflect.get(node, key))) walked.add(child);
    if (isNode(node)) inspect(node);
    for (const value of Object.values(node) as unknown[]) {
      if (isNode(value)) visit(value);
      else if (Array.isArray(value)) for (const item of value) { if (isNode(item)) visit(item); }
      else if (value instanceof Map) for (const [k, v] of value) { if (isNode(k)) visit(k); if (isNode(v)) visit(v); }
    }
  };
  const inspect = (node: Node): void => {
    const name = String(node.type);
    if (name === 'BinaryExpression') for (const side of [get(node, 'left'), get(node, 'right')]) if (isNode(side)) walked.add(side);
    if (name === 'FilterExpression') {
      const operand = get(node, 'operand'), filter = get(node, 'filter');
      if (!isNode(operand)) return;
      walked.add(operand);
      const callee = isNode(filter) && filter.type === 'CallExpression' ? get(filter, 'callee') : undefined;
      if (isNode(filter) && isNode(callee) && MULTIPLYING.has(String(get(callee, 'value')))) multiplied.set(operand, nodes(get(filter, 'args')));
    }
    if (name === 'CallExpression') {
      const callee = get(node, 'callee'), args = nodes(get(node, 'args'));
      for (const arg of args) { walked.add(arg); const value = get(arg, 'value'); if (isNode(value)) walked.add(value); }
      if (!isNode(callee) || callee.type !== 'MemberExpression') return;
      called.add(callee);
      const object = get(callee, 'object'), property = get(callee, 'property');
      if (isNode(object) && (get(callee, 'computed') === true || (isNode(property) && get(property, 'value') === 'replace'))) multiplied.set(object, args);
    }
  };
  visit(program);
  return { walked, multiplied, called };
}
