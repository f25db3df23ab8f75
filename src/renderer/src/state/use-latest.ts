/** The newest value, for callbacks that outlive the render which made them. Written before effects run. */
import { useInsertionEffect, useRef } from 'react';
import type { RefObject } from 'react';

export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  useInsertionEffect(() => { ref.current = value; });
  return ref;
}
