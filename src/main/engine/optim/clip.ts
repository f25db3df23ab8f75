/** Global gradient norm and the clipping factor of PyTorch's clip_grad_norm_. */

/** L2 norm over all gradients, accumulated in float64. Not finite when any entry is not finite. */
export function gradientNorm(grads: Float32Array): number {
  // Four partial sums: the compiler can overlap them, and the order stays fixed, so results repeat bit for bit.
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  const n = grads.length - (grads.length % 4);
  for (let i = 0; i < n; i += 4) {
    a += grads[i]! * grads[i]!;
    b += grads[i + 1]! * grads[i + 1]!;
    c += grads[i + 2]! * grads[i + 2]!;
    d += grads[i + 3]! * grads[i + 3]!;
  }
  for (let i = n; i < grads.length; i++) a += grads[i]! * grads[i]!;
  return Math.sqrt(a + b + c + d);
}

/** Factor to multiply gradients by; `maxNorm` of 0 or less disables clipping. */
export function clipFactor(norm: number, maxNorm: number): number {
  return maxNorm > 0 ? Math.min(1, maxNorm / (norm + 1e-6)) : 1;
}
