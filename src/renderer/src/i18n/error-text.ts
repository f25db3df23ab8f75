/** Any thrown value in words: a translated title and what to do, by its code, and the exact message as detail. */
import i18next from 'i18next';
import { errorShape } from '../../../shared/errors.ts';
import type { ErrorCode } from '../../../shared/errors.ts';

export interface ErrorText { code: ErrorCode; title: string; todo: string; /** The message as the program gave it: English, one sentence. */ detail: string }

export function errorText(error: unknown): ErrorText {
  const shape = isShape(error) ? error : errorShape(error), t = i18next.getFixedT(null, 'errors');
  return { code: shape.code, title: t(`${shape.code}.title`), todo: t(`${shape.code}.todo`), detail: shape.message };
}

interface Shape { code: ErrorCode; message: string }
/** Errors of records (a failed run) are plain objects. */
const isShape = (e: unknown): e is Shape => typeof e === 'object' && e !== null && !(e instanceof Error) && 'code' in e && 'message' in e;
