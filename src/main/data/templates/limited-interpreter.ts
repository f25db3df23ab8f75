/**
 * Jinja with limits. A chat template comes with a model, so it is not trusted: steps, time, and the size of what it builds are capped.
 * Only the package's exports are used: the interpreter's `evaluate` is called for every node, which is where the counting sits. Steps that could run away by themselves are looked at before they are taken (costly-nodes.ts).
 */
import { Environment, Interpreter, parse, tokenize } from '@huggingface/jinja';
import { findCostlyNodes, type CostlyNodes } from './costly-nodes.ts';
import { capitalize, strip, STRIPPING } from './python-strings.ts';

export interface TemplateLimits {
  /** Evaluated nodes. */
  steps: number;
  /** Milliseconds. */
  time: number;
  /** Characters built, all together; a list item counts as 64. */
  size: number;
}
export const DEFAULT_LIMITS: TemplateLimits = { steps: 2_000_000, time: 1_000, size: 64 * 1024 * 1024 };

/** The template asked to refuse the conversation (`raise_exception`): the row is at fault, not the template. */
export class TemplateRefusal extends Error {}
/** A limit was hit. */
export class TemplateLimitError extends Error {}

type Syntax = Parameters<Interpreter['run']>[0];
/** A parsed template. */
export interface Program { readonly syntax: Syntax; readonly costly: CostlyNodes }
type Node = Parameters<Interpreter['evaluate']>[0];
type Scope = Parameters<Interpreter['evaluate']>[1];
type Value = ReturnType<Interpreter['evaluate']>;

/** Nodes that hand on a value without building it. */
const PASSING = new Set(['Identifier', 'MemberExpression', 'StringLiteral', 'IntegerLiteral', 'FloatLiteral', 'Ternary']);
const MAX_INDENT = 1000;
/** Parts of a value that is walked through, and how deep they may lie. */
const MAX_PARTS = 500_000;
const MAX_DEPTH = 300;
const MAX_RANGE = 10_000;
/** What a list item counts for: a loop makes a scope for each before it runs a single step. */
const ITEM = 64;
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** Python's strftime for the fields that chat templates use, in English whatever the locale, so that a render is the same on every machine. */
export function strftime(date: Date, format: string): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const fields: Record<string, string> = {
    Y: String(date.getFullYear()), m: two(date.getMonth() + 1), d: two(date.getDate()), H: two(date.getHours()), M: two(date.getMinutes()), S: two(date.getSeconds()),
    B: MONTHS[date.getMonth()] ?? '', b: (MONTHS[date.getMonth()] ?? '').slice(0, 3), A: DAYS[date.getDay()] ?? '', a: (DAYS[date.getDay()] ?? '').slice(0, 3), y: two(date.getFullYear() % 100), '%': '%',
  };
  return format.replace(/%([A-Za-z%])/g, (all, f: string) => fields[f] ?? all);
}

/** Parses a template as chat templates are read: one trailing newline dropped, blocks trimmed. Throws SyntaxError. */
export function parseTemplate(source: string): Program {
  const syntax = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }));
  return { syntax, costly: findCostlyNodes(syntax) };
}

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined || stop === null ? [0, start] : [start, stop];
  if (step === 0) throw new Error('range() step must not be zero');
  const n = Math.max(0, Math.ceil((to - from) / step));
  if (!(n <= MAX_RANGE)) throw new TemplateLimitError(`range() of ${n} items; the limit is ${MAX_RANGE}`);
  return Array.from({ length: n }, (_, i) => from + i * step);
}

class LimitedInterpreter extends Interpreter {
  readonly #limits: TemplateLimits;
  readonly #deadline: number;
  #steps = 0;
  #built = 0;
  #costly: CostlyNodes | undefined;
  /** Sizes of values that cannot change: all without a namespace in them. */
  readonly #sizes = new WeakMap<object, number>();

  constructor(scope: Scope, limits: TemplateLimits) {
    super(scope);
    this.#limits = limits;
    this.#deadline = performance.now() + limits.time;
  }

  runLimited({ syntax, costly }: Program): unknown {
    this.#costly = costly; // programs before the last are our own
    return this.run(syntax).value;
  }

  override evaluate(node: Node, scope: Scope): Value {
    if (++this.#steps > this.#limits.steps) throw new TemplateLimitError(`more than ${this.#limits.steps} steps`);
    if (((this.#steps & 15) === 0 || node?.type === 'For') && performance.now() > this.#deadline) throw new TemplateLimitError(`more than ${this.#limits.time} ms`);
    if (node && (node.type === 'FilterExpression' || node.type === 'FilterStatement')) this.#guardFilter(node, scope);
    const value = (node && this.#pythonString(node, scope)) ?? super.evaluate(node, scope);
    if (node) this.#guardValue(node, value, scope);
    if (node && !PASSING.has(node.type)) {
      const inner: unknown = value?.value;
      const size = typeof inner === 'string' ? inner.length : Array.isArray(inner) ? inner.length * ITEM : 0;
      if ((this.#built += size) > this.#limits.size) throw new TemplateLimitError(`more than ${this.#limits.size} characters built`);
    }
    return value;
  }

  /** `x.strip(chars)`, `x | trim(chars)`, `x.capitalize()` on a string; undefined: something else, which the package does. */
  #pythonString(node: NonNullable<Node>, scope: Scope): Value | undefined {
    const called = node.type === 'CallExpression', inner: unknown = called ? Reflect.get(node, 'callee') : node.type === 'FilterExpression' ? Reflect.get(node, 'filter') : undefined;
    if (typeof inner !== 'object' || inner === null || (called && Reflect.get(inner, 'type') !== 'MemberExpression') || Reflect.get(inner, 'computed') === true) return undefined;
    const withArgs = !called && Reflect.get(inner, 'type') === 'CallExpression', named: unknown = called ? Reflect.get(inner, 'property') : withArgs ? Reflect.get(inner, 'callee') : inner;
    const name = typeof named === 'object' && named !== null ? String(Reflect.get(named, 'value')) : '', args: unknown = called ? Reflect.get(node, 'args') : withArgs ? Reflect.get(inner, 'args') : [];
    if (!(STRIPPING.has(name) || name === 'capitalize') || !Array.isArray(args) || args.length > (name === 'capitalize' ? 0 : 1)) return undefined;
    const chars: unknown = args.length === 0 ? null : this.evaluate(args[0] as Node, scope).value, operand = this.evaluate((called ? Reflect.get(inner, 'object') : Reflect.get(node, 'operand')) as Node, scope);
    const text: unknown = operand.value;
    if (operand.type !== 'StringValue' || typeof text !== 'string' || (chars !== null && typeof chars !== 'string') || (called && name === 'trim')) return undefined;
    const Text = operand.constructor as new (text: string) => Value;
    return new Text(name === 'capitalize' ? capitalize(text) : strip(name, text, chars));
  }

  #guardValue(node: NonNullable<Node>, value: Value, scope: Scope): void {
    const costly = this.#costly;
    if (!costly) return;
    if (costly.walked.has(node) && value.value instanceof Object) this.#sizeOf(value, { parts: 0, changeable: false }, 0);
    const factors = costly.multiplied.get(node);
    if (factors) this.#guardProduct(value, factors, scope);
    if (node.type === 'MemberExpression' && value.type === 'FunctionValue' && !costly.called.has(node)) {
      const property: unknown = Reflect.get(node, 'property');
      if (Reflect.get(node, 'computed') === true || (typeof property === 'object' && property !== null && Reflect.get(property, 'value') === 'replace')) throw new TemplateLimitError('a method that is kept instead of called');
    }
  }

  /** `x.replace(a, b)` and `x | join(b)`: at most every place of x gets a b. */
  #guardProduct(value: Value, args: readonly NonNullable<Node>[], scope: Scope): void {
    const inner: unknown = value.value, places = typeof inner === 'string' ? inner.length + 1 : Array.isArray(inner) ? inner.length : 0;
    if (places === 0) return;
    for (const arg of args) {
      if (arg.type === 'SpreadExpression' || arg.type === 'KeywordSpreadExpression') throw new TemplateLimitError('unpacked arguments of a replacement are not supported');
      const given: unknown = super.evaluate(arg.type === 'KeywordArgumentExpression' ? (Reflect.get(arg, 'value') as Node) : arg, scope).value;
      if (typeof given === 'string' && places * given.length > this.#limits.size) throw new TemplateLimitError(`a replacement that could build ${places * given.length} characters`);
    }
  }

  /** Characters and items of a value down to its leaves. Throws TemplateLimitError for one that is too large to write out, or that holds itself. */
  #sizeOf(value: Value, walk: { parts: number; changeable: boolean }, depth: number): number {
    if (depth > MAX_DEPTH) throw new TemplateLimitError(`a value nested deeper than ${MAX_DEPTH} levels`);
    const inner: unknown = value.value;
    if (typeof inner === 'string') return inner.length;
    if (!(inner instanceof Map) && !Array.isArray(inner)) return 1;
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    let size = 1, changeable = value.type === 'NamespaceValue';
    for (const item of inner.values() as Iterable<Value>) {
      if (++walk.parts > MAX_PARTS) throw new TemplateLimitError(`a value of more than ${MAX_PARTS} parts`);
      walk.changeable = false;
      size += this.#sizeOf(item, walk, depth + 1);
      changeable ||= walk.changeable;
      if (size > this.#limits.size) throw new TemplateLimitError(`a value of more than ${this.#limits.size} characters`);
    }
    walk.changeable = changeable;
    if (!changeable) this.#sizes.set(value, size);
    return size;
  }

  /** `indent(10**9)` would build its string in one go: look at the number first. */
  #guardFilter(node: NonNullable<Node>, scope: Scope): void {
    const filter: unknown = Reflect.get(node, 'filter');
    const args: unknown = typeof filter === 'object' && filter !== null ? Reflect.get(filter, 'args') : undefined;
    if (!Array.isArray(args)) return;
    for (const arg of args as NonNullable<Node>[]) {
      const inner = arg.type === 'KeywordArgumentExpression' ? (Reflect.get(arg, 'value') as Node) : arg;
      if (inner?.type === 'SpreadExpression' || inner?.type === 'KeywordSpreadExpression') throw new TemplateLimitError('unpacked arguments of a filter are not supported');
      const value = super.evaluate(inner, scope);
      if (value.type === 'IntegerValue' && Math.abs(Number(value.value)) > MAX_INDENT) throw new TemplateLimitError(`a filter argument above ${MAX_INDENT}`);
    }
  }
}

/** Runs programs one after the other in one scope and returns the text of the last. Throws TemplateRefusal, TemplateLimitError, or whatever the template runs into. */
export function runPrograms(programs: readonly Program[], variables: Record<string, unknown>, options: { now: Date; limits: TemplateLimits }): string {
  const scope = new Environment();
  const builtins: Record<string, unknown> = {
    true: true, True: true, false: false, False: false, none: null, None: null, range,
    strftime_now: (format: string) => strftime(options.now, String(format)),
    raise_exception: (reason: unknown) => { throw new TemplateRefusal(String(reason)); },
  };
  for (const [k, v] of Object.entries({ ...builtins, ...variables })) scope.set(k, v);
  const interpreter = new LimitedInterpreter(scope, options.limits);
  let out = '';
  for (const program of programs) {
    const value = interpreter.runLimited(program);
    out = typeof value === 'string' ? value : '';
  }
  return out;
}
