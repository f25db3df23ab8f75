/** Text of a dataset or a model, as text only. Characters that hide or reorder text (bidi marks, controls, zero-width) are drawn as their names, so that nothing on screen lies about the data. */
import { Fragment, memo } from 'react';
import type { ReactNode } from 'react';
import { visibleParts } from './visible-parts.ts';

/** `mark` is a search text to highlight. */
export const TextView = memo(function TextView({ text, mark = '', oneLine = false }: { text: string; mark?: string; oneLine?: boolean }) {
  return <bdi style={oneLine ? undefined : { whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{visibleParts(oneLine ? text.replaceAll(/\s*\n\s*/g, ' ⏎ ') : text).map((p, i) => <Fragment key={i}>{p.hidden ? <span className="ctl">{p.text}</span> : marked(p.text, mark)}</Fragment>)}</bdi>;
});

function marked(text: string, mark: string): ReactNode {
  if (mark === '') return text;
  const lower = text.toLowerCase(), wanted = mark.toLowerCase(), out: ReactNode[] = [];
  // Lower-casing can change lengths (İ); then positions would lie, so nothing is marked.
  if (lower.length !== text.length) return text;
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    out.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  out.push(text.slice(from));
  return out;
}
