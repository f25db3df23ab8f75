// The people of the town: 72 names, each with one value for every attribute, drawn once from the seed.

import type { Random } from '../random.ts';
import type { Pair } from './words.ts';
import { colours, days, months } from './words.ts';
import { nounsOf } from './nouns.ts';

export interface Person {
  readonly name: string;
  /** The Chinese name, for those who have one. */
  readonly zh: string | null;
  readonly she: boolean;
  readonly job: string;
  readonly street: string;
  readonly pet: string;
  readonly food: string;
  readonly colour: string;
  readonly month: string;
  readonly hobby: string;
  readonly dayOff: string;
  readonly friend: string;
}

export type Attribute = 'job' | 'street' | 'pet' | 'food' | 'colour' | 'month' | 'hobby' | 'dayOff' | 'friend';
export const attributes: readonly Attribute[] = ['job', 'street', 'pet', 'food', 'colour', 'month', 'hobby', 'dayOff', 'friend'];

export const jobs: readonly Pair[] = (
  'baker=面包师 miller=磨坊主 teacher=老师 doctor=医生 farmer=农民 fisher=渔夫 tailor=裁缝 carpenter=木匠 smith=铁匠 painter=画家 gardener=园丁 potter=陶工 ' +
  'shepherd=牧羊人 sailor=水手 cook=厨师 nurse=护士 judge=法官 singer=歌手 clerk=职员 weaver=织工 printer=印刷工 postman=邮递员 barber=理发师 mason=石匠'
).split(' ').map((entry) => {
  const [en, zh] = entry.split('=') as [string, string];
  return { en, zh };
});

export const streets: readonly Pair[] = (
  'Mill Lane=磨坊巷,River Street=河街,Oak Road=橡树路,Bridge Street=桥街,Temple Hill=寺山,Market Square=集市广场,Harbour Walk=港口道,Garden Row=花园街,' +
  'Stone Alley=石巷,North Gate=北门,Lantern Street=灯笼街,Well Court=井院'
).split(',').map((entry) => {
  const [en, zh] = entry.split('=') as [string, string];
  return { en, zh };
});

export const hobbies: readonly Pair[] = (
  'chess=下棋,dancing=跳舞,swimming=游泳,singing=唱歌,painting=画画,fishing=钓鱼,reading=读书,knitting=编织,running=跑步,cooking=做饭,gardening=种花,sailing=航行'
).split(',').map((entry) => {
  const [en, zh] = entry.split('=') as [string, string];
  return { en, zh };
});

const women = 'Mara Ines Odette Freya Lena Ruth Selma Tilda Bettina Clara Dora Edith Greta Hanna Iris Judith Kira Luisa Nadia Olga Petra Rosa Sofia Vera'.split(' ');
const men = 'Ivo Tom Aldo Bruno Cyril Dario Emil Felix Gus Hugo Jonas Karl Leo Magnus Nils Oscar Pavel Quentin Rolf Stefan Theo Ulrich Victor Walter'.split(' ');
const chineseWomen = 'Chen Mei=陈梅,Li Na=李娜,Wang Fang=王芳,Zhao Lan=赵兰,Sun Yue=孙月,Zhou Hong=周红,Wu Xia=吴霞,Lin Qing=林青,He Ping=何萍,Gao Yan=高燕,Ma Li=马丽,Tang Xue=唐雪'.split(',');
const chineseMen = 'Zhang Wei=张伟,Liu Bo=刘波,Xu Ming=徐明,Guo Tao=郭涛,Deng Jun=邓军,Feng Lei=冯雷,Song Yu=宋宇,Han Bin=韩斌,Yang Gang=杨刚,Zhu Hai=朱海,Luo Chao=罗超,Shen Kai=沈凯'.split(',');

export function makePeople(random: Random): Person[] {
  const chinese = (entries: string[], she: boolean): { name: string; zh: string | null; she: boolean }[] =>
    entries.map((entry) => {
      const [name, zh] = entry.split('=') as [string, string];
      return { name, zh, she };
    });
  const named = random.shuffle([
    ...women.map((name) => ({ name, zh: null, she: true })),
    ...men.map((name) => ({ name, zh: null, she: false })),
    ...chinese(chineseWomen, true),
    ...chinese(chineseMen, false),
  ]);
  const pets = nounsOf('mammal').map((noun) => noun.en).filter((pet) => !['wolf', 'bear', 'tiger', 'fox'].includes(pet));
  pets.push('duck', 'parrot');
  const foods = [...nounsOf('food'), ...nounsOf('fruit')].map((noun) => noun.en);
  // Each attribute deals a shuffled deck again and again, so that its values are about evenly spread.
  const deck = (values: readonly string[]): string[] => {
    const out: string[] = [];
    while (out.length < named.length) out.push(...random.shuffle(values));
    return out.slice(0, named.length);
  };
  const dealt = {
    job: deck(jobs.map((job) => job.en)),
    street: deck(streets.map((street) => street.en)),
    pet: deck(pets),
    food: deck(foods),
    colour: deck(colours.map((colour) => colour.en)),
    month: deck(months.map((month) => month.en)),
    hobby: deck(hobbies.map((hobby) => hobby.en)),
    dayOff: deck(days.map((day) => day.en)),
  };
  return named.map((person, i) => ({
    ...person,
    job: dealt.job[i] ?? '',
    street: dealt.street[i] ?? '',
    pet: dealt.pet[i] ?? '',
    food: dealt.food[i] ?? '',
    colour: dealt.colour[i] ?? '',
    month: dealt.month[i] ?? '',
    hobby: dealt.hobby[i] ?? '',
    dayOff: dealt.dayOff[i] ?? '',
    friend: named[(i + 29) % named.length]?.name ?? '',
  }));
}
