/** Which parameters weight decay skips: norms and biases, by name, as transformers' Trainer decides. Embeddings and the output head are decayed. */

export function isDecayed(name: string): boolean {
  const lower = name.toLowerCase();
  if (/bias|layernorm|rmsnorm|_norm/.test(lower)) return false;
  return !lower.split('.').includes('norm');
}
