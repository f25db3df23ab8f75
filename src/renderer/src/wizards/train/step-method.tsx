/** What kind of training, and what changes in the model. */
import { useTranslation } from 'react-i18next';
import { DATASET_KINDS } from '../../../../shared/formats.ts';
import { METHOD_IDS, METHODS } from '../../../../shared/methods/index.ts';
import { Card } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';

function Option({ group, on, name, line, detail, pick }: { group: string; on: boolean; name: string; line: string; detail?: string; pick: () => void }) {
  return <label className="wz-choice wz-tall" data-on={on}><input type="radio" name={group} checked={on} onChange={pick} /><i className="wz-radio" aria-hidden /><span className="wz-choice-name">{name}</span><span className="wz-line">{line}</span>{detail !== undefined && <span className="wz-line faint">{detail}</span>}</label>;
}

/** Methods whose rows some dataset format can hold. */
const OFFERED = METHOD_IDS.filter((id) => METHODS[id].rows.some((kind) => (DATASET_KINDS as readonly string[]).includes(kind)));

export function StepMethod() {
  const { t } = useTranslation('train');
  const { draft, change } = useDraft();
  return (
    <>
      <Card title={t('method.title')}><div role="radiogroup" aria-label={t('method.title')} className="wz-list">
        {OFFERED.map((id) => <Option key={id} group="method" on={draft.method === id} name={t(`method.${id}.name`)} line={t(`method.${id}.line`)} detail={t(`method.${id}.rows`)} pick={() => { change({ method: id, train: {} }); }} />)}
      </div></Card>
      <Card title={t('method.adapter')}><div role="radiogroup" aria-label={t('method.adapter')} className="wz-list">
        <Option group="adapter" on={draft.adapter !== 'none'} name={t('method.lora.name')} line={t('method.lora.line')} pick={() => { if (draft.adapter === 'none') change({ adapter: {} }); }} />
        <Option group="adapter" on={draft.adapter === 'none'} name={t('method.full.name')} line={t('method.full.line')} pick={() => { change({ adapter: 'none' }); }} />
      </div></Card>
    </>
  );
}
