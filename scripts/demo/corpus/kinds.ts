// The mixture of the pre-training corpus: every document kind with its share, in one list.

import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { chineseNumbers, chineseText, glossaryList, phraseLesson, wordLesson } from './chinese.ts';
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
  { name: 'biography', weight: 170, write: biography },
  { name: 'register-entry', weight: 25, write: registerEntry },
  { name: 'groups', weight: 15, write: groups },
  { name: 'comparison', weight: 35, write: comparison },
  { name: 'rumours', weight: 60, write: rumours },
  { name: 'gossip', weight: 40, write: gossip },
  { name: 'place-guide', weight: 45, write: placeGuide },
  { name: 'price-list', weight: 12, write: priceList },
  { name: 'goods-talk', weight: 30, write: goodsTalk },
  { name: 'shopping', weight: 12, write: shopping },
  { name: 'town', weight: 4, write: townFacts },
  { name: 'kinds', weight: 35, write: kinds },
  { name: 'members', weight: 12, write: members },
  { name: 'opposites', weight: 25, write: opposites },
  { name: 'sequences', weight: 10, write: sequences },
  { name: 'number-names', weight: 10, write: numberNames },
  { name: 'glossary', weight: 35, write: glossaryList },
  { name: 'word-lesson', weight: 40, write: wordLesson },
  { name: 'phrase-lesson', weight: 45, write: phraseLesson },
  { name: 'chinese-text', weight: 20, write: chineseText },
  { name: 'chinese-numbers', weight: 6, write: chineseNumbers },
  { name: 'sums', weight: 90, write: sums },
  { name: 'word-problem', weight: 25, write: wordProblem },
  { name: 'ordering', weight: 40, write: ordering },
  { name: 'list-study', weight: 60, write: listStudy },
  { name: 'list-lines', weight: 60, write: listLines },
  { name: 'packing', weight: 20, write: packing },
  { name: 'capitals', weight: 55, write: capitals },
  { name: 'manners', weight: 55, write: mannersPairs },
  { name: 'scene', weight: 30, write: scene },
  { name: 'notice', weight: 60, write: notice },
  { name: 'story', weight: 50, write: story },
];
