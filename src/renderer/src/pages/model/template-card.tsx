/** The chat template: a sample conversation as the model sees it, with special tokens and the assistant's words marked, and the template's source. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '../../../../shared/schema/entities.ts';
import type { RenderedPiece } from '../../../../shared/schema/model-view.ts';
import { useFormat } from '../../i18n/format.ts';
import { api } from '../../state/client.ts';
import { useCall } from '../../state/use-call.ts';
import { Card, CopyButton, EmptyState, ErrorNote, Segmented, Skeleton, TextView } from '../../ui/index.ts';

export function TemplateCard({ model }: { model: Model }) {
  const { t, i18n } = useTranslation('model'), f = useFormat();
  const [view, setView] = useState<'rendered' | 'raw'>('rendered'), [system, setSystem] = useState(true);
  const messages = [
    ...(system ? [{ role: 'system' as const, content: t('template.example.system') }] : []), { role: 'user' as const, content: t('template.example.user') }, { role: 'assistant' as const, content: t('template.example.assistant') },
    { role: 'user' as const, content: t('template.example.again') }, { role: 'assistant' as const, content: t('template.example.answer') },
  ];
  const has = model.template !== null, shown = has && !model.missing && view === 'rendered';
  const rendered = useCall((signal) => api.models.render({ id: model.id, messages }, { signal }), shown ? `${model.id}:${model.weight_hash}:${system}:${i18n.language}` : null, { keep: true });
  return (
    <Card title={t('template.title')} right={has && <Segmented label={t('template.view')} value={view} onChange={setView} options={[{ value: 'rendered', label: t('template.rendered') }, { value: 'raw', label: t('template.raw') }]} />}>
      {model.template === null ? <EmptyState title={t('template.none')}>{t('template.noneBody')}</EmptyState> : view === 'raw' || model.missing ? (
        <div className="body stack"><div className="line"><span className="muted small">{t('template.source')}</span><span className="end"><CopyButton text={model.template} /></span></div><pre className="md-template" tabIndex={0}><TextView text={model.template} /></pre></div>
      ) : (
        <div className="body stack">
          <div className="line"><span className="muted small">{t('template.sample')}</span>
            <label className="md-check end"><input type="checkbox" checked={system} onChange={(e) => { setSystem(e.target.checked); }} />{t('template.withSystem')}</label></div>
          {rendered.error !== null ? <ErrorNote level="warn" error={rendered.error} retry={rendered.reload} />
            : rendered.data === undefined ? <Skeleton height={180} />
              : <>
                <pre className="md-template" tabIndex={0} aria-busy={rendered.loading}>{rendered.data.pieces.map((p, i) => <Piece key={i} piece={p} />)}</pre>
                <div className="md-legend"><span><i data-kind="special">{'\u00a0\u00a0'}</i>{t('template.legend.special')}</span>{rendered.data.spans === null ? <span>{t('template.noSpans')}</span> : <span><i data-kind="assistant">{'\u00a0\u00a0'}</i>{t('template.legend.assistant')}</span>}<span className="end">{t('template.tokens', { count: rendered.data.tokens, n: f.number(rendered.data.tokens) })}</span></div>
              </>}
        </div>
      )}
    </Card>
  );
}

function Piece({ piece }: { piece: RenderedPiece }) {
  return piece.kind === 'text' ? <TextView text={piece.text} /> : <span data-kind={piece.kind}><TextView text={piece.text} /></span>;
}
