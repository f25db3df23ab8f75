/** What came out when exported files were loaded again and compared with the model: the answer first, then its numbers. */
import { useTranslation } from 'react-i18next';
import type { ExportProof } from '../../../../shared/schema/export.ts';
import { useFormat } from '../../i18n/format.ts';
import { Dot, KeyValue, TextView } from '../../ui/index.ts';

export function ProofView({ proof: p }: { proof: ExportProof }) {
  const { t } = useTranslation('export'), f = useFormat();
  const small = (n: number): string => (n === 0 ? '0' : Math.abs(n) < 1e-3 ? n.toExponential(1) : f.number(n, { maximumSignificantDigits: 3 }));
  return (
    <div className="stack" style={{ gap: 8 }}>
      <p className="exp-verdict"><Dot tone={p.passed === null ? 'steel' : p.passed ? 'good' : 'bad'} />{t(p.passed === null ? 'proof.measured' : p.passed ? 'proof.passed' : 'proof.failed')}</p>
      <KeyValue items={[
        [t('proof.diff'), <span key="d">{t('proof.diffValue', { value: small(p.max_abs_diff), largest: small(p.max_abs_logit) })}{p.tolerance !== null && <span className="faint"> {t('proof.tolerance', { value: small(p.tolerance) })}</span>}</span>],
        [t('proof.mean'), small(p.mean_abs_diff)],
        [t('proof.kl'), t('proof.klValue', { value: small(p.mean_kl) })],
        [t('proof.top'), f.percent(p.same_top, 1)],
        [t('proof.tokens'), t('proof.tokensValue', { percent: f.percent(p.same_tokens, 1), n: f.number(p.tokens) })],
        [t('proof.text'), t('proof.textValue', { percent: f.percent(p.same_text, 1), n: f.number(p.prompts) })],
        [t('proof.over'), t('proof.overValue', { prompts: f.number(p.prompts), positions: f.number(p.positions), time: f.duration(p.seconds) })],
        [t('proof.reader'), t(`proof.readers.${p.reader}`)],
      ]} />
      {p.example !== null && <details className="exp-example"><summary>{t('proof.example')}</summary><dl><dt>{t('proof.prompt')}</dt><dd><TextView text={p.example.prompt} /></dd><dt>{t('proof.app')}</dt><dd><TextView text={p.example.app} /></dd><dt>{t('proof.exported')}</dt><dd><TextView text={p.example.exported} /></dd></dl></details>}
    </div>
  );
}
