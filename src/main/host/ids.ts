/** Short ids that sort by time: a kind, six characters of time, five of chance. */
import { randomInt } from 'node:crypto';

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';
const EPOCH = Date.UTC(2026, 0, 1);

export function newId(kind: 'mdl' | 'set' | 'run' | 'ckp' | 'demo' | 'dl' | 'exp' | 'imp' | 'rwd'): string {
  let time = Math.max(0, Math.floor((Date.now() - EPOCH) / 1000)), text = '';
  for (let i = 0; i < 6; i++) { text = (DIGITS[time % 32] ?? '0') + text; time = Math.floor(time / 32); }
  for (let i = 0; i < 5; i++) text += DIGITS[randomInt(32)] ?? '0';
  return `${kind}_${text}`;
}
