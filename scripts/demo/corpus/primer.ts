// The first lesson of pre-training: nothing but things said twice. A small model finds out how to copy within some hundred thousand tokens of this,
// and takes many millions when it meets copying only now and then; all that works on lists and sentences builds on it.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { copiedList, refrain, repeatedWords } from './copying.ts';

export function primerDocument(world: World, random: Random): string {
  return random.weighted([{ weight: 60, value: refrain }, { weight: 25, value: copiedList }, { weight: 15, value: repeatedWords }])(world, random);
}
