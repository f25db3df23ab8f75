/** Any thrown value in words: a translated title and what to do, by its code, and the message as detail. */
import i18next from 'i18next';
import { errorShape } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';
import { sentence } from './sentences.ts';

export interface ErrorText { code: ErrorCode; title: string; todo: string; /** The message in the language of the page, where it is known there. */ detail: string; /** As the program gave it: English, for reports. */ said: string }

export function errorText(error: unknown): ErrorText {
  const shape = isShape(error) ? error : errorShape(error), t = i18next.getFixedT(null, 'errors');
  return { code: shape.code, title: t(`${shape.code}.title`), todo: t(`${shape.code}.todo`), detail: sentence(shape.message), said: shape.message };
}

interface Shape { code: ErrorCode; message: string }
/** Errors of records (a failed run) are plain objects. */
const isShape = (e: unknown): e is Shape => typeof e === 'object' && e !== null && !(e instanceof Error) && 'code' in e && 'message' in e;
