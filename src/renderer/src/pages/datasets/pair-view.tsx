/** The two answers of a pair, side by side: what only one of them says is marked in its colour, and the longer one is named. Text only. */
import { IconThumbDown, IconThumbUp } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { TextView } from '../../ui/index.ts';
import { wordDiff } from '../../ui/word-diff.ts';
import './pair.css';

/** Beyond this a difference would take longer than a blink, and nobody reads it. */
const MOST = 6000;

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** In characters as people count them; a long text is only measured roughly. */
const lengthOf = (text: string): number => (text.length > MOST ? text.length : Array.from(characters.segment(text)).length);

export function PairView({ chosen, rejected, mark }: { chosen: string; rejected: string; mark: string }) {
  const { t } = useTranslation('datasets'), f = useFormat();
  // While one searches, the hits are what is marked.
  const parts = useMemo(() => (mark === '' && chosen.length + rejected.length <= MOST ? wordDiff(rejected, chosen) : null), [chosen, rejected, mark]);
  const more = lengthOf(chosen) - lengthOf(rejected);
  const side = (role: 'chosen' | 'rejected', text: string, own: 'ins' | 'del', longer: number) => (
    <div className="pair-side" data-role={role}>
      <span className="pair-head">{role === 'chosen' ? <IconThumbUp size={13} aria-hidden /> : <IconThumbDown size={13} aria-hidden />}{t(`role.${role}`)}{longer > 0 && <em>{t('pair.longer', { n: f.number(longer) })}</em>}</span>
      <div className="row-text">{parts === null ? <TextView text={text} mark={mark} /> : <bdi className="pair-text">{parts.filter((p) => p.kind === 'same' || p.kind === own).map((p, i) => (p.kind === 'same' ? <TextView key={i} text={p.text} /> : <span key={i} className="pair-own"><TextView text={p.text} /></span>))}</bdi>}</div>
    </div>
  );
  return (
    <div className="pair">
      {side('chosen', chosen, 'ins', more)}{side('rejected', rejected, 'del', -more)}
      {chosen === rejected && <p className="pair-same">{t('pair.same')}</p>}
    </div>
  );
}
