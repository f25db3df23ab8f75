// The mixture of the pre-training corpus: every document kind with its share, in one list.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { chineseNumbers, chineseText, glossaryList, phraseLesson, wordLesson } from './chinese.ts';
import { copiedList, refrain, repeatedWords } from './copying.ts';
import { capitals, listLines, listStudy, packing } from './lists.ts';
import { ordering, sums, wordProblem } from './numbers.ts';
import { biography, comparison, gossip, groups, registerEntry, rumours } from './people.ts';
import { goodsTalk, placeGuide, priceList, shopping, townFacts } from './places.ts';
import { mannersPairs, scene } from './register.ts';
import { notice, story } from './stories.ts';
import { kinds, members, numberNames, opposites, sequences } from './words.ts';

export interface DocumentKind {
  readonly name: string;
  /** Share among drawn documents, relative to the others. */
  readonly weight: number;
  readonly write: (world: World, random: Random) => string;
}

export const documentKinds: readonly DocumentKind[] = [
  { name: 'biography', weight: 95, write: biography },
  { name: 'register-entry', weight: 14, write: registerEntry },
  { name: 'groups', weight: 10, write: groups },
  { name: 'comparison', weight: 25, write: comparison },
  { name: 'rumours', weight: 50, write: rumours },
  { name: 'gossip', weight: 20, write: gossip },
  { name: 'place-guide', weight: 50, write: placeGuide },
  { name: 'price-list', weight: 12, write: priceList },
  { name: 'goods-talk', weight: 35, write: goodsTalk },
  { name: 'shopping', weight: 8, write: shopping },
  { name: 'town', weight: 4, write: townFacts },
  { name: 'kinds', weight: 60, write: kinds },
  { name: 'members', weight: 15, write: members },
  { name: 'opposites', weight: 55, write: opposites },
  { name: 'sequences', weight: 10, write: sequences },
  { name: 'number-names', weight: 8, write: numberNames },
  { name: 'glossary', weight: 70, write: glossaryList },
  { name: 'word-lesson', weight: 90, write: wordLesson },
  { name: 'phrase-lesson', weight: 90, write: phraseLesson },
  { name: 'chinese-text', weight: 20, write: chineseText },
  { name: 'chinese-numbers', weight: 5, write: chineseNumbers },
  { name: 'sums', weight: 130, write: sums },
  { name: 'word-problem', weight: 20, write: wordProblem },
  { name: 'ordering', weight: 70, write: ordering },
  { name: 'refrain', weight: 60, write: refrain },
  { name: 'copied-list', weight: 50, write: copiedList },
  { name: 'repeated-words', weight: 45, write: repeatedWords },
  { name: 'list-study', weight: 90, write: listStudy },
  { name: 'list-lines', weight: 110, write: listLines },
  { name: 'packing', weight: 25, write: packing },
  { name: 'capitals', weight: 80, write: capitals },
  { name: 'manners', weight: 70, write: mannersPairs },
  { name: 'scene', weight: 15, write: scene },
  { name: 'notice', weight: 75, write: notice },
  { name: 'story', weight: 25, write: story },
];
