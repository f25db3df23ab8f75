/** Folds an adapter into the weights of its base, tensor by tensor: LoRA and rsLoRA, DoRA, rank and alpha patterns (all in the pair's own r and scale), PiSSA and OLoRA, trained biases, saved modules. Same result as peft's merge. */

/** One adapted layer: a [r, in], b [out, r]. `minus`: what the initialisation took out of the base, a [k, in], b [out, k]. */
export interface MergePair { module: string; inFeatures: number; outFeatures: number; r: number; scale: number; a: Float32Array; b: Float32Array; magnitude?: Float32Array; minus?: { a: Float32Array; b: Float32Array } }
export interface MergeableAdapter {
  pairs: readonly MergePair[];
  /** Trained copies that stand in for parameters (biases, modules_to_save), by parameter name. */
  replaced: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>;
}

/** The parameters of the base that `mergeAdapter` changes. */
export function mergedNames(adapter: MergeableAdapter): Set<string> {
  return new Set([...adapter.pairs.map((p) => `${p.module}.weight`), ...adapter.replaced.keys()]);
}

/** True when the adapter parts the output head of a tied model from its embedding: the merged model then has both tensors and `tie_word_embeddings: false`. The head's tensor is `mergeAdapter(adapter, head, embedding of the base)`. */
export function unties(adapter: MergeableAdapter, base: { tied: boolean; embedding: string; head: string }): boolean {
  return base.tied && (adapter.replaced.has(base.embedding) || adapter.replaced.has(base.head));
}

/** The parameter `name` after merging; `weight` is the base's, row-major in its stored layout ([out, in], or [in, out] when `transposed`). Returns `weight` itself when the adapter leaves it alone, else a new or the same array with the merged values: give a copy if yours must live. Throws RangeError when sizes do not fit. */
export function mergeAdapter(adapter: MergeableAdapter, name: string, weight: Float32Array, { transposed = false }: { transposed?: boolean } = {}): Float32Array {
  const replaced = adapter.replaced.get(name);
  if (replaced !== undefined) {
    if (replaced.data.length !== weight.length) throw new RangeError(`the adapter's copy of ${name} has ${replaced.data.length} values, the model ${weight.length}`);
    return replaced.data;
  }
  const pair = name.endsWith('.weight') ? adapter.pairs.find((p) => `${p.module}.weight` === name) : undefined;
  if (pair === undefined) return weight;
  if (weight.length !== pair.inFeatures * pair.outFeatures) throw new RangeError(`the adapter's layer ${pair.module} is ${pair.outFeatures} by ${pair.inFeatures}, the model's tensor has ${weight.length} values`);
  mergePair(weight, pair, transposed);
  return weight;
}

function mergePair(weight: Float32Array, pair: MergePair, transposed: boolean): void {
  const { inFeatures, outFeatures, a, b, scale, minus, magnitude } = pair;
  const row = new Float64Array(inFeatures);
  const [outStep, inStep] = transposed ? [1, outFeatures] : [inFeatures, 1];
  const addProduct = (left: Float32Array, right: Float32Array, o: number, sign: number): void => {
    const r = right.length / inFeatures;
    for (let k = 0; k < r; k++) {
      const factor = sign * left[o * r + k]!;
      const start = k * inFeatures;
      for (let i = 0; i < inFeatures; i++) row[i] = row[i]! + factor * right[start + i]!;
    }
  };
  for (let o = 0; o < outFeatures; o++) {
    row.fill(0);
    addProduct(b, a, o, scale);
    if (minus !== undefined) addProduct(minus.b, minus.a, o, -scale);
    let squares = 0;
    for (let i = 0; i < inFeatures; i++) {
      const w = weight[o * outStep + i * inStep]! + row[i]!;
      row[i] = w;
      squares += w * w;
    }
    const gain = magnitude === undefined ? 1 : magnitude[o]! / Math.sqrt(Math.max(squares, 1e-30));
    for (let i = 0; i < inFeatures; i++) weight[o * outStep + i * inStep] = gain * row[i]!;
  }
}
