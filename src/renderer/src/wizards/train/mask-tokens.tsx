/** A row as the model will see it: every token coloured by whether it is trained on. Line feeds and spaces are kept; hidden characters are named. */
import { memo } from 'react';
import type { MaskRow } from '../../../../shared/schema/review.ts';
import { visibleParts } from '../../ui/index.ts';

type Token = MaskRow['tokens'][number];
/** Tokens drawn at once; a row of ten thousand would only slow the page. */
const MOST = 1500;

export const MaskTokens = memo(function MaskTokens({ tokens, titles, more }: { tokens: readonly Token[]; titles: Record<Token['kind'], string>; more: (n: number) => string }) {
  return (
    <div className="mask">
      {tokens.slice(0, MOST).map((token, i) => <span key={i} data-kind={token.kind} title={`${titles[token.kind]} · ${token.id}`}>{visibleParts(token.text).map((p, j) => (p.hidden ? <span className="ctl" key={j}>{p.text}</span> : p.text))}</span>)}
      {tokens.length > MOST && <em className="faint"> {more(tokens.length - MOST)}</em>}
    </div>
  );
});
