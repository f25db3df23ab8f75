/** Invented curves of a preference run: what usually happens, both rewards drifting down while their distance grows. */
export function preferenceValue(name: string, step: number, noise: () => number): number | undefined {
  const grown = 1 - Math.exp(-step / 110), jitter = (size: number): number => size * (noise() - 0.5);
  switch (name.replace('eval_', '')) {
    case 'rewards/chosen': return -0.25 * grown + jitter(0.18);
    case 'rewards/rejected': return -1.3 * grown + jitter(0.24);
    case 'rewards/margins': return 1.05 * grown + (name.startsWith('eval_') ? -0.12 * grown : jitter(0.22));
    case 'rewards/accuracies': return Math.min(1, 0.52 + 0.4 * grown + (name.startsWith('eval_') ? -0.04 : jitter(0.2)));
    case 'logps/chosen': return -38 - 2.5 * grown + jitter(5);
    case 'logps/rejected': return -35 - 13 * grown + jitter(6);
    case 'logits/chosen': return -1.8 - 0.2 * grown + jitter(0.1);
    case 'logits/rejected': return -1.7 - 0.3 * grown + jitter(0.1);
    case 'kl': return Math.max(0, 2.1 * grown + jitter(0.8));
    default: return undefined;
  }
}
