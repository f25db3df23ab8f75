// The things of the demo world: every noun has one category and one Chinese word, both unambiguous within the world.

export interface Noun {
  readonly en: string;
  readonly zh: string;
  readonly category: string;
}

/** Category name, its Chinese word, and "word=Chinese" entries. */
const table: readonly (readonly [category: string, zh: string, words: string])[] = [
  ['fruit', '水果', 'apple=苹果 pear=梨 plum=李子 peach=桃子 grape=葡萄 cherry=樱桃 lemon=柠檬 melon=甜瓜 mango=芒果 fig=无花果'],
  ['vegetable', '蔬菜', 'carrot=胡萝卜 onion=洋葱 potato=土豆 cabbage=卷心菜 pumpkin=南瓜 tomato=番茄 garlic=大蒜 pepper=辣椒 radish=萝卜 spinach=菠菜'],
  ['bird', '鸟', 'heron=苍鹭 crow=乌鸦 owl=猫头鹰 swan=天鹅 eagle=老鹰 sparrow=麻雀 duck=鸭子 goose=鹅 pigeon=鸽子 parrot=鹦鹉'],
  ['fish', '鱼', 'carp=鲤鱼 trout=鳟鱼 eel=鳗鱼 salmon=三文鱼 shark=鲨鱼 tuna=金枪鱼'],
  ['insect', '昆虫', 'bee=蜜蜂 ant=蚂蚁 moth=飞蛾 wasp=黄蜂 beetle=甲虫 cricket=蟋蟀 butterfly=蝴蝶'],
  ['mammal', '哺乳动物', 'cat=猫 dog=狗 goat=山羊 horse=马 cow=牛 pig=猪 rabbit=兔子 sheep=绵羊 donkey=驴 fox=狐狸 wolf=狼 bear=熊 tiger=老虎 mouse=老鼠'],
  ['tool', '工具', 'hammer=锤子 saw=锯子 shovel=铲子 axe=斧头 needle=针 rope=绳子 broom=扫帚 ladder=梯子 knife=刀 brush=刷子'],
  ['garment', '衣物', 'coat=外套 hat=帽子 shirt=衬衫 scarf=围巾 glove=手套 skirt=裙子 boot=靴子 belt=腰带 sock=袜子'],
  ['piece of furniture', '家具', 'table=桌子 chair=椅子 bed=床 shelf=架子 cupboard=柜子 bench=长凳 desk=书桌'],
  ['vehicle', '交通工具', 'boat=船 cart=马车 bicycle=自行车 train=火车 bus=公共汽车 sledge=雪橇 plane=飞机'],
  ['drink', '饮料', 'tea=茶 milk=牛奶 water=水 juice=果汁 coffee=咖啡 wine=酒'],
  ['musical instrument', '乐器', 'flute=笛子 drum=鼓 violin=小提琴 piano=钢琴 guitar=吉他 trumpet=小号 harp=竖琴'],
  ['food', '食物', 'bread=面包 rice=米饭 soup=汤 cheese=奶酪 noodles=面条 cake=蛋糕 honey=蜂蜜 pie=馅饼 dumplings=饺子 porridge=粥'],
  ['tree', '树', 'oak=橡树 pine=松树 willow=柳树 maple=枫树 birch=桦树 bamboo=竹子'],
  ['flower', '花', 'rose=玫瑰 lily=百合 tulip=郁金香 lotus=莲花 daisy=雏菊 orchid=兰花'],
  ['metal', '金属', 'iron=铁 gold=金 copper=铜 tin=锡 lead=铅'],
  ['household thing', '家居用品', 'lamp=灯 cup=杯子 bowl=碗 plate=盘子 spoon=勺子 kettle=水壶 candle=蜡烛 basket=篮子 mirror=镜子 clock=钟 blanket=毯子 pillow=枕头'],
  ['part of the body', '身体部位', 'hand=手 foot=脚 head=头 eye=眼睛 ear=耳朵 nose=鼻子 mouth=嘴'],
];

export const nouns: readonly Noun[] = table.flatMap(([category, , words]) =>
  words.split(' ').map((entry) => {
    const [en, zh] = entry.split('=') as [string, string];
    return { en, zh, category };
  }),
);

export const categories: readonly { readonly en: string; readonly zh: string }[] = table.map(([en, zh]) => ({ en, zh }));

export function nounsOf(category: string): Noun[] {
  return nouns.filter((noun) => noun.category === category);
}

const unarticled = new Set(['rice', 'soup', 'cheese', 'noodles', 'honey', 'dumplings', 'porridge', 'bread', 'tea', 'milk', 'water', 'juice', 'coffee', 'wine',
  'iron', 'gold', 'copper', 'tin', 'lead', 'bamboo', 'garlic', 'spinach', 'cabbage']);

/** "a lamp", "an owl", "rice": the noun with its indefinite article where it takes one. */
export function withArticle(word: string): string {
  if (unarticled.has(word)) return word;
  return `${/^[aeiou]/.test(word) ? 'an' : 'a'} ${word}`;
}

/** Things that a person can hold, hand over, buy and carry about. */
export const portable: readonly Noun[] = nouns.filter((noun) =>
  ['tool', 'garment', 'household thing', 'fruit', 'vegetable', 'musical instrument', 'food', 'drink'].includes(noun.category),
);
