/** The Chinese of what the program says: values are carried over, unknown sentences stay, and the list holds nothing that the program does not say. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeExit } from '../../src/main/host/exit-words.ts';
import { afterCrash } from '../../src/main/host/jobs/resume-policy.ts';
import { recipe } from '../../src/shared/schema/recipe.ts';
import { SENTENCES_ZH } from '../../src/renderer/src/i18n/locales/zh-CN/sentences.ts';
import i18next from 'i18next';
import { deviceWhy, inChinese } from '../../src/renderer/src/i18n/sentences.ts';

const root = join(import.meta.dirname, '../../src');
const sources = ['main', 'shared'].flatMap((folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts')).map((f) => readFileSync(join(root, folder, f), 'utf8').replaceAll("\\'", "'")));
const holes = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();

describe('the list', () => {
  test.each(SENTENCES_ZH)('%s', (english, chinese) => {
    expect([...new Set(holes(chinese))].filter((h) => !holes(english).includes(h)), 'holes that no value fills').toEqual([]);
    expect(chinese).toMatch(/\p{Script=Han}/u);
    // Its words stand in the source, between values: the longest piece without a value in it.
    const longest = english.split(/\{\w+\}/).flatMap((p) => p.split(/(?<=[.;:,]) /)).toSorted((a, b) => b.length - a.length)[0] ?? '';
    const words = longest.trim().replace(/[.,;:]$/, '');
    expect(sources.some((s) => s.includes(words)) || words.split(' ').length < 3 || pieces(words), `"${words}" is said nowhere`).toBe(true);
  });
});

/** A sentence that is put together at run time: pieces of two words or more, one behind the other, are all said. */
const pieces = (words: string): boolean => covered(words.split(' '));
const covered = (words: string[]): boolean => words.length === 0 || words.some((_, i) => i > 0 && sources.some((s) => s.includes(words.slice(0, i + 1).join(' '))) && covered(words.slice(i + 1)));

describe('inChinese', () => {
  test('a crash note, with the reason inside', () => {
    const message = describeExit({ code: null, signal: 'SIGKILL', reason: 'killed', tail: [] }), verdict = afterCrash([{ step: 3, code: 'engine-crashed', message, at: 0 }], recipe.parse({ method: 'sft', model: 'm', data: { train: 'd' } }));
    expect(inChinese(verdict.note)).toBe('引擎被终止：可能是有人结束了它，或是内存耗尽。将在 1 秒后从最近的检查点继续。');
  });
  test('a failed step keeps its numbers', () => {
    expect(inChinese('The loss of step 38 is not a finite number (rows 5, 9); the run stopped and went back to step 37: lower the learning rate or look at these rows.')).toBe('第 38 步的损失不是有限数（第 5, 9 行）；运行已停止并回到第 37 步：请降低学习率，或检查这些行。');
  });
  test('why a device is chosen, with its maker\'s name; what is known of a card', async () => {
    await i18next.init({ lng: 'en' });
    expect(deviceWhy('cuda: chosen by itself, it runs at 9 GFLOP/s in matrix products, the processor at 1')).toMatch(/^CUDA: chosen/);
    expect(inChinese('The graphics card needs about 3.7 GB of the 8.7 GB that a run may take (RTX 4070: 11.3 GB free of 12.9 GB, as nvidia-smi says).')).toBe('显卡约需 3.7 GB，运行最多可用 8.7 GB（RTX 4070：12.9 GB 中空闲 11.3 GB，据 nvidia-smi）。');
    expect(inChinese('Computed on webgpu: this run began on it.')).toBe('计算设备：webgpu：本次运行始于该设备。');
  });
  test('one is told as many are', () => {
    expect(inChinese('1 row cannot be used and is left out. The first (row 3) says: Field "chosen" is empty.')).toBe('1 条无法使用，已跳过。第一条（第 3 行）：字段“chosen”为空。');
    expect(inChinese('1 row is longer than max_length and its answer is cut.')).toBe('有 1 行超过 max_length，其回答已被截断。');
    expect(inChinese('1 row has a prompt that fills max_length by itself and is left out.')).toBe('有 1 行的提示本身就占满 max_length，已跳过。');
    expect(inChinese('1 row of nothing.')).toBe('1 row of nothing.');
  });
  test('sentences in a row are told one by one; unknown ones stay', () => {
    expect(inChinese('Ready after 1.2 s: 60 rows a pass, 10 steps, 4000 trainable parameters, 2 threads, about 21.0 MB planned. It goes on from step 4.')).toMatch(/^1\.2 秒后就绪：.*从第 4 步继续。$/);
    expect(inChinese('Something new happened. The request was cancelled.')).toBe('Something new happened. 请求已取消。');
    expect(inChinese('Something new happened.')).toBe('Something new happened.');
    expect(inChinese('')).toBe('');
  });
});
