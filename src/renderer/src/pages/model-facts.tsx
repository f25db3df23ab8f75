/** The facts of a model as a list: the same before and after its import. */
import { useTranslation } from 'react-i18next';
import type { ModelPreview } from '../../../shared/schema/data.ts';
import { useFormat } from '../i18n/format.ts';
import { KeyValue } from '../ui/index.ts';

type Facts = Pick<ModelPreview, 'family' | 'parameters' | 'dtype' | 'context' | 'vocab_size' | 'layers' | 'hidden_size' | 'tied' | 'bytes' | 'shards' | 'weight_hash' | 'license' | 'path'> & Partial<Pick<ModelPreview, 'heads' | 'kv_heads'>> & { origin?: { file: string } | undefined; hub?: { model: string; commit: string } | undefined };

/** `brief`: without what stands in large type above. */
export function ModelFacts({ model: m, added, brief = false }: { model: Facts; added?: number; brief?: boolean }) {
  const { t } = useTranslation('models'), f = useFormat();
  return (
    <KeyValue items={[
      [t('fact.family'), m.family],
      !brief && [t('fact.parameters'), `${f.count(m.parameters)} (${f.number(m.parameters)})`],
      [t('fact.shape'), t('fact.shapeValue', { layers: f.number(m.layers), width: f.number(m.hidden_size) })],
      m.heads !== undefined && m.kv_heads !== undefined && [t('fact.heads'), t('fact.headsValue', { heads: f.number(m.heads), kv: f.number(m.kv_heads) })],
      !brief && [t('fact.context'), t('fact.tokens', { n: f.number(m.context) })],
      [t('fact.vocabulary'), f.number(m.vocab_size)],
      [t('fact.tied'), m.tied ? t('fact.tiedYes') : t('fact.tiedNo')],
      !brief && [t('fact.dtype'), m.dtype],
      !brief && [t('fact.size'), t('fact.sizeValue', { count: m.shards, size: f.bytes(m.bytes) })],
      [t('fact.hash'), <code key="h" title={m.weight_hash}>{m.weight_hash.slice(0, 12)}</code>],
      !brief && [t('fact.license'), m.license ?? <span key="l" className="faint">{t('noLicense')}</span>],
      added !== undefined && [t('fact.added'), f.dateTime(added)],
      m.hub !== undefined && [t('fact.hub'), <code key="hub" title={m.hub.commit}>{m.hub.model}@{m.hub.commit.slice(0, 8)}</code>],
      m.origin !== undefined && [t('fact.origin'), <code key="o">{m.origin.file}</code>],
      [t('fact.path'), <code key="p">{m.path}</code>],
    ]} />
  );
}
