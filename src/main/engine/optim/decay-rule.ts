/** Which parameters weight decay skips: norms and biases, by name, as transformers' Trainer decides (GPT-2's ln_1, ln_2 and ln_f by their class). Embeddings and the output head are decayed. */

export function isDecayed(name: string): boolean {
  const lower = name.toLowerCase();
  if (/bias|layernorm|rmsnorm|_norm|(?:^|\.)ln_/.test(lower)) return false;
  return !lower.split('.').includes('norm');
}
