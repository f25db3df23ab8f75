/** Ids that a tokenizer puts before and after a text (BOS, EOS, CLS, SEP). For single texts; pairs are not used here. */
import { AnnealError } from '../../../../shared/errors.ts';
import { isObject } from '../files.ts';
import { type Component, partsOf, typeOf, unsupported } from './component.ts';

export interface Frame { before: number[]; after: number[] }
const EMPTY: Frame = { before: [], after: [] };

function template(c: Component, idOf: (token: string) => number | undefined): Frame {
  const frame: Frame = { before: [], after: [] }, known = isObject(c['special_tokens']) ? c['special_tokens'] : {};
  let side = frame.before;
  for (const part of Array.isArray(c['single']) ? c['single'] : []) {
    if (isObject(part) && isObject(part['Sequence'])) { side = frame.after; continue; }
    const name = isObject(part) && isObject(part['SpecialToken']) ? part['SpecialToken']['id'] : undefined;
    if (typeof name !== 'string') throw unsupported('post-processor', c);
    const entry = known[name], ids = isObject(entry) && Array.isArray(entry['ids']) ? entry['ids'].filter((x): x is number => typeof x === 'number') : [idOf(name)];
    for (const id of ids) {
      if (id === undefined) throw new AnnealError('tokenizer-invalid', `tokenizer.json puts the token ${JSON.stringify(name.slice(0, 40))} around every text, but its vocabulary does not have it; copy the file again from the model.`);
      side.push(id);
    }
  }
  return frame;
}

const idIn = (pair: unknown): number[] => (Array.isArray(pair) && typeof pair[1] === 'number' ? [pair[1]] : []);

export function frameOf(c: Component | null, idOf: (token: string) => number | undefined): Frame {
  if (c === null) return EMPTY;
  switch (typeOf(c)) {
    case 'Sequence': return partsOf(c, 'processors').map((p) => frameOf(p, idOf)).reduce((inner, outer) => ({ before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] }), EMPTY);
    case 'ByteLevel': return EMPTY; // trims offsets only
    case 'TemplateProcessing': return template(c, idOf);
    case 'BertProcessing': case 'RobertaProcessing': return { before: idIn(c['cls']), after: idIn(c['sep']) };
    default: throw unsupported('post-processor', c);
  }
}
