/** The name of a row format for people; an unknown one is shown as it is. */
import type { TFunction } from 'i18next';
import { FORMAT_IDS } from '../../../../shared/formats.ts';
import type { FormatId } from '../../../../shared/formats.ts';

const known = (id: string): id is FormatId => (FORMAT_IDS as readonly string[]).includes(id);
export const formatName = (id: string, t: TFunction<['datasets', 'common']>): string => (known(id) ? t(`datasets:format.${id}`) : id);
