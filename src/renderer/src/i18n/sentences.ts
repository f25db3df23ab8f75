/**
 * What the program itself says (details of errors, notes of a run, log lines, hints) in the language of the page. The host speaks English; a closed list gives the Chinese of a sentence with its
 * values. What is not in the list stays as it is. Pure.
 */
import i18next from 'i18next';
import { PROVIDER_NAMES, type ProviderId } from '../../../shared/schema/device.ts';
import { SENTENCES_ZH } from './locales/zh-CN/sentences.ts';

interface Pattern { match: RegExp; names: string[]; to: string }
let patterns: Pattern[] | undefined;

const HOLE = /\{(\w+)\}/g;
/** A template with holes as a pattern over whole sentences. */
function patternOf([from, to]: readonly [string, string]): Pattern {
  const names: string[] = [];
  const source = from.split(HOLE).map((part, i) => { if (i % 2 === 0) return part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`); names.push(part); return '(.+?)'; }).join('');
  return { match: new RegExp(`^${source}$`, 's'), names, to };
}

/** The longer its fixed words, the more exactly a sentence is meant. */
const fixed = (template: string): number => template.replaceAll(HOLE, '').length;

function translated(text: string, depth: number): string | null {
  patterns ??= SENTENCES_ZH.toSorted((a, b) => fixed(b[0]) - fixed(a[0])).map(patternOf);
  for (const { match, names, to } of patterns) {
    const found = match.exec(text);
    // A value may be a sentence itself: why an engine ended, inside what happens next.
    if (found) return to.replaceAll(HOLE, (_, name: string) => { const value = found[names.indexOf(name) + 1] ?? ''; return (depth < 3 ? translated(value, depth + 1) : null) ?? value; });
  }
  return null;
}

/** "1 row" reads like "2 rows": Chinese has no plural. */
const plural = (text: string): string => text.replaceAll(/\b1 (row|pair|step|answer|tensor)\b/g, '1 $1s').replace(/^1 rows [^.:]*/, (s) => s.replace('its answer is', 'their answers are').replaceAll(' is ', ' are ').replaceAll(' has ', ' have '));

/** Chinese of one or more sentences; those that are not known stay. */
export function inChinese(given: string): string {
  const text = plural(given), found = known(text);
  return found === text ? given : found;
}

function known(text: string): string {
  const whole = translated(text, 0);
  if (whole !== null) return whole;
  const parts = text.split(/(?<=[.!?]) (?=[A-Z"])/);
  if (parts.length === 1) return text;
  const each = parts.map((p) => translated(p, 0) ?? p);
  return each.reduce((all, p) => (/[。！？]$/.test(all) ? all + p : `${all} ${p}`));
}

/** In the language of the page. */
export const sentence = (text: string): string => (i18next.language === 'zh-CN' ? inChinese(text) : text);

/** Why a device is chosen, with its name as its maker writes it. */
export const deviceWhy = (why: string): string => sentence(why).replace(/^(\w+)(?=[:：])/, (id) => (id in PROVIDER_NAMES ? PROVIDER_NAMES[id as ProviderId] : id));
