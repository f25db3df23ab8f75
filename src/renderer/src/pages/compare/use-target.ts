/** Names of what a pane shows. */
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/format.ts';
import { useCheckpoint, useModel, useReady } from '../../state/entities.ts';
import type { Target } from '../../compare-link.ts';

export interface TargetNames { name: string; tag: string; hash: string | null; missing: boolean; trained: boolean; label: string }
export function useTarget({ modelId, checkpointId }: Target): TargetNames {
  const { t } = useTranslation('compare'), f = useFormat();
  const model = useModel(modelId), checkpoint = useCheckpoint(checkpointId), ready = useReady();
  const name = checkpointId === null ? model?.name ?? modelId : checkpoint?.run_name ?? model?.name ?? modelId;
  const tag = checkpointId === null ? t('base') : checkpoint?.imported !== undefined ? t('adapter') : checkpoint ? t('step', { n: f.number(checkpoint.step) }) : checkpointId;
  return { name, tag, label: `${name} (${tag})`, trained: checkpointId !== null, hash: (checkpointId === null ? model?.weight_hash : checkpoint?.weight_hash) ?? null, missing: ready && (checkpointId === null ? model === undefined : checkpoint === undefined) };
}
