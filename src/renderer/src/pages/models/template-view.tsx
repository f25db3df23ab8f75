/** The chat template: how a short conversation becomes text, and its source. Text only. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Segmented, TextView } from '../../ui/index.ts';
import './models.css';

export function TemplateView({ template, preview }: { template: string | null; preview: string | null }) {
  const { t } = useTranslation('models'), [view, setView] = useState<'preview' | 'source'>('preview');
  if (template === null) return <p className="muted small">{t('template.none')}</p>;
  return (
    <div className="stack" style={{ gap: 8 }}>
      <div className="line"><span className="muted small">{view === 'preview' ? t('template.preview') : t('template.source')}</span><span className="end"><Segmented label={t('template.view')} value={view} onChange={setView} options={[{ value: 'preview', label: t('template.showPreview') }, { value: 'source', label: t('template.showSource') }]} /></span></div>
      <pre className="template" tabIndex={0}><TextView text={view === 'preview' ? preview ?? '' : template} /></pre>
    </div>
  );
}
