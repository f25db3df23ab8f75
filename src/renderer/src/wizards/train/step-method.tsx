/** What kind of training, and what changes in the model. */
import { useTranslation } from 'react-i18next';
import { Card, Pill } from '../../ui/index.ts';
import { useDraft } from './draft-store.ts';
import { offered, RECOMMENDED } from './method-order.ts';

function Option({ group, on, name, line, detail, tag, pick }: { group: string; on: boolean; name: string; line: string; detail?: string; tag?: string; pick: () => void }) {
  return <label className="wz-choice wz-tall" data-on={on}><input type="radio" name={group} checked={on} onChange={pick} /><i className="wz-radio" aria-hidden /><span className="wz-choice-name">{name}</span>{tag !== undefined && <Pill>{tag}</Pill>}<span className="wz-line">{line}</span>{detail !== undefined && <span className="wz-line faint">{detail}</span>}</label>;
}

export function StepMethod() {
  const { t } = useTranslation('train');
  const { draft, change } = useDraft();
  const groups = offered();
  return (
    <>
      <Card title={t('method.title')}><div role="radiogroup" aria-label={t('method.title')} className="wz-methods">
        {groups.map((g) => (
          <div key={g.id} role="group" aria-label={t(`method.goal.${g.id}`)}>
            {groups.length > 1 && <h3 className="wz-goal">{t(`method.goal.${g.id}`)}</h3>}
            {g.methods.map((id) => <Option key={id} group="method" on={draft.method === id} name={t(`method.${id}.name`)} line={t(`method.${id}.line`)} detail={t(`method.${id}.rows`)} {...(RECOMMENDED.has(id) && groups.length > 1 ? { tag: t('method.recommended') } : {})} pick={() => { if (draft.method !== id) change({ method: id, train: {} }); }} />)}
          </div>
        ))}
      </div></Card>
      <Card title={t('method.adapter')}><div role="radiogroup" aria-label={t('method.adapter')} className="wz-list">
        <Option group="adapter" on={draft.adapter !== 'none'} name={t('method.lora.name')} line={t('method.lora.line')} pick={() => { if (draft.adapter === 'none') change({ adapter: {} }); }} />
        <Option group="adapter" on={draft.adapter === 'none'} name={t('method.full.name')} line={t('method.full.line')} pick={() => { change({ adapter: 'none' }); }} />
      </div></Card>
    </>
  );
}
