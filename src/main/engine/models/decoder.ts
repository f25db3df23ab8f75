/** The pre-norm decoder that all families but GPT-2 share: RMSNorm, grouped-query attention or a short convolution, gated feed-forward layer. A family is a layout (names) and a config. */

import { rmsNorm } from '../graph/fn/index.ts';
import type { Value } from '../graph/node.ts';
import { add, gather, mul, reshape, slice, transpose } from '../graph/ops/index.ts';
import { gated } from './activation.ts';
import type { DecoderConfig } from './config.ts';
import type { ForwardContext, LinearSpec, ModelFamily, TokenInput } from './family.ts';
import { EMBEDDING, HEAD, LLAMA_LAYOUT, blockLinears, decoderLinears, decoderParameters, layerPath, type DecoderLayout } from './layout.ts';
import { rotate, rotation, type Rotation } from './rope.ts';
import type { RopeConfig } from './rope-config.ts';
import { shortConv } from './short-conv.ts';

/** A family of this decoder from what is its own. */
export function decoderFamily(own: Pick<ModelFamily, 'id' | 'parseConfig' | 'loraTargets' | 'aliases' | 'otherNames'> & { layout?: Partial<DecoderLayout> }): ModelFamily {
  const { layout: changes, ...rest } = own;
  const layout = { ...LLAMA_LAYOUT, ...changes };
  return {
    ...rest,
    parameters: (config) => decoderParameters(layout, config),
    linears: (config) => decoderLinears(layout, config),
    headWeight: (config) => (config.tieEmbeddings ? EMBEDDING : HEAD),
    hidden: (ctx, config, tokens) => decoderHidden(ctx, layout, config, tokens),
  };
}

interface Rows { batch: number; length: number; rotations: ReadonlyMap<RopeConfig, Rotation> }

/** Hidden states [B*T, hidden] after the final norm. Each layer is one segment of the graph (the unit of recomputation). */
function decoderHidden(ctx: ForwardContext, layout: DecoderLayout, c: DecoderConfig, { ids, positions }: TokenInput): Value {
  const [batch, length] = ids.shape as [number, number];
  const embedded = reshape(gather(ctx.parameter(EMBEDDING), ids), [batch * length, c.hiddenSize]);
  const scaled = c.embeddingScale === 1 ? embedded : mul(embedded, c.embeddingScale);
  let x = ctx.embedded?.(scaled) ?? scaled;
  const ropes = new Set(c.blocks.flatMap((b) => (b.mixer === 'attention' && b.rope !== null ? [b.rope] : [])));
  const rows: Rows = { batch, length, rotations: new Map([...ropes].map((r) => [r, rotation(ctx, r, positions)])) };
  const norm = normOf(ctx, c);
  for (let i = 0; i < c.layers; i++) {
    const input = x;
    x = ctx.graph.segment(`layer.${i}`, () => block(ctx, layout, c, i, input, rows));
  }
  return norm(x, layout.finalNorm);
}

type Norm = (x: Value, module: string) => Value;
function normOf(ctx: ForwardContext, c: DecoderConfig): Norm {
  return (x, module) => {
    const weight = ctx.parameter(`${module}.weight`);
    return rmsNorm(x, c.normOffset === 0 ? weight : add(weight, c.normOffset), c.normEps);
  };
}

function block(ctx: ForwardContext, layout: DecoderLayout, c: DecoderConfig, layer: number, x: Value, rows: Rows): Value {
  const norm = normOf(ctx, c);
  const path = layerPath(layer);
  const after = (y: Value, module: string | undefined): Value => (module === undefined ? y : norm(y, `${path}.${module}`));
  const linears = blockLinears(layout, c, layer);
  const { norms } = layout;
  const normed = norm(x, `${path}.${norms.mixer}`);
  const mixed = c.blocks[layer]!.mixer === 'conv'
    ? shortConv(ctx, layer, { in: linears['in']!, out: linears['out']!, conv: `${path}.${layout.conv!.conv}`, ...c.conv! }, normed)
    : attend(ctx, layout, c, layer, linears, normed, rows);
  const middle = add(x, after(mixed, norms.afterMixer));
  return add(middle, after(feedForward(ctx, c, linears, norm(middle, `${path}.${norms.mlp}`)), norms.afterMlp));
}

function attend(ctx: ForwardContext, layout: DecoderLayout, c: DecoderConfig, layer: number, linears: Record<string, LinearSpec>, x: Value, rows: Rows): Value {
  const { batch, length, rotations } = rows;
  const { rope, window, scale } = c.blocks[layer]!;
  const width = c.heads * c.headDim;
  const kv = c.kvHeads * c.headDim;
  const [q, k, v] = linears['qkv'] === undefined ? together(ctx, ['q', 'k', 'v'].map((part) => linears[part]!), x) : parts(ctx.linear(linears['qkv'], x), [width, kv, kv]);
  const turn = rope === null ? undefined : rotations.get(rope);
  const heads = (y: Value, count: number, module?: string): Value => {
    const split = reshape(y, [batch, length, count, c.headDim]);
    return transpose(module === undefined ? split : normOf(ctx, c)(split, `${layerPath(layer)}.${module}`), [0, 2, 1, 3]);
  };
  const turned = (y: Value): Value => (turn === undefined ? y : rotate(y, turn));
  const attended = ctx.attention(layer, {
    q: turned(heads(q!, c.heads, layout.headNorms?.q)), k: turned(heads(k!, c.kvHeads, layout.headNorms?.k)), v: heads(v!, c.kvHeads),
  }, { scale, window, softcap: c.attentionSoftcap });
  return ctx.linear(linears['o']!, reshape(transpose(attended, [0, 2, 1, 3]), [batch * length, width]));
}

function feedForward(ctx: ForwardContext, c: DecoderConfig, linears: Record<string, LinearSpec>, x: Value): Value {
  const [gate, up] = linears['gateUp'] === undefined ? together(ctx, [linears['gate']!, linears['up']!], x) : parts(ctx.linear(linears['gateUp'], x), [c.intermediateSize, c.intermediateSize]);
  return ctx.linear(linears['down']!, gated(c.activation, gate!, up!));
}

const together = (ctx: ForwardContext, specs: readonly LinearSpec[], x: Value): Value[] => ctx.linears?.(specs, x) ?? specs.map((spec) => ctx.linear(spec, x));

/** Consecutive columns of x [N, sum of sizes]. */
export function parts(x: Value, sizes: readonly number[]): Value[] {
  let start = 0;
  return sizes.map((size) => slice(x, 1, start, start += size));
}
