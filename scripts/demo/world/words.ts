// Adjectives, colours, days, months, numbers and verbs of the demo world, with Chinese and opposites where they have one.

export interface Pair {
  readonly en: string;
  readonly zh: string;
}

function pairs(entries: string): Pair[] {
  return entries.split(' ').map((entry) => {
    const [en, zh] = entry.split('=') as [string, string];
    return { en, zh };
  });
}

export const colours: readonly Pair[] = pairs('red=红色 blue=蓝色 green=绿色 yellow=黄色 white=白色 black=黑色 brown=棕色 purple=紫色 pink=粉色 grey=灰色 orange=橙色 silver=银色');

export const days: readonly Pair[] = pairs('Monday=星期一 Tuesday=星期二 Wednesday=星期三 Thursday=星期四 Friday=星期五 Saturday=星期六 Sunday=星期日');

export const months: readonly Pair[] = pairs(
  'January=一月 February=二月 March=三月 April=四月 May=五月 June=六月 July=七月 August=八月 September=九月 October=十月 November=十一月 December=十二月',
);

export const seasons: readonly Pair[] = pairs('spring=春天 summer=夏天 autumn=秋天 winter=冬天');

/** Both members of each pair are opposites of one another. */
export const oppositePairs: readonly (readonly [Pair, Pair])[] = [
  'big=大 small=小', 'hot=热 cold=冷', 'old=老 young=年轻', 'fast=快 slow=慢', 'high=高 low=低', 'long=长 short=短', 'heavy=重 light=轻',
  'rich=富 poor=穷', 'strong=强 weak=弱', 'full=满 empty=空', 'open=开 closed=关', 'early=早 late=晚', 'near=近 far=远', 'clean=干净 dirty=脏',
  'wet=湿 dry=干', 'hard=硬 soft=软', 'happy=高兴 sad=难过', 'loud=吵 quiet=安静', 'sweet=甜 bitter=苦', 'thick=厚 thin=薄', 'wide=宽 narrow=窄',
  'deep=深 shallow=浅', 'good=好 bad=坏', 'new=新 worn=旧', 'bright=亮 dark=暗', 'safe=安全 dangerous=危险', 'cheap=便宜 expensive=贵',
  'easy=容易 difficult=难', 'brave=勇敢 timid=胆小', 'busy=忙 idle=闲', 'sharp=锋利 blunt=钝', 'right=对 wrong=错', 'inside=里面 outside=外面',
  'above=上面 below=下面', 'before=之前 after=之后', 'begin=开始 end=结束', 'push=推 pull=拉', 'buy=买 sell=卖', 'come=来 go=去', 'give=给 take=拿',
  'laugh=笑 cry=哭', 'win=赢 lose=输', 'day=白天 night=夜晚', 'friend=朋友 enemy=敌人', 'question=问题 answer=回答', 'war=战争 peace=和平',
  'front=前面 back=后面',
].map((entry) => pairs(entry) as [Pair, Pair]);

/** States that fit "The baker is ..." in English and "面包师很..." in Chinese. */
export const states: readonly Pair[] = pairs('tired=累 happy=高兴 busy=忙 hungry=饿 thirsty=渴 angry=生气 sad=难过 clever=聪明 brave=勇敢 rich=富 quiet=安静 young=年轻');

export const verbs: readonly Pair[] = pairs('eats=吃 buys=买 sells=卖 likes=喜欢 sees=看见 wants=想要 has=有 washes=洗');

export const greetings: readonly Pair[] = pairs('hello=你好 goodbye=再见 please=请 sorry=对不起 yes=是 no=不是 welcome=欢迎 congratulations=恭喜');

const digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'] as const;
const small = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve', 'thirteen', 'fourteen', 'fifteen',
  'sixteen', 'seventeen', 'eighteen', 'nineteen'] as const;
const tens = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'] as const;

/** The English words for 0 to 99. */
export function numberWords(n: number): string {
  if (n < 20) return small[n] ?? '';
  const unit = n % 10;
  const ten = tens[Math.floor(n / 10)] ?? '';
  return unit === 0 ? ten : `${ten}-${small[unit]}`;
}

/** The Chinese numeral for 0 to 99. */
export function numberChinese(n: number): string {
  if (n < 10) return digits[n] ?? '';
  const ten = Math.floor(n / 10);
  const unit = n % 10;
  return `${ten === 1 ? '' : digits[ten]}十${unit === 0 ? '' : digits[unit]}`;
}
