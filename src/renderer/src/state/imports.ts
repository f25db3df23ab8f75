/** Imports from the disk as the host tells of them: followed by the pages that show them, for as long as they do. */
import { useState } from 'react';
import type { ModelImport } from '../../../shared/schema/model-import.ts';
import { api } from './client.ts';
import { useStream } from './use-stream.ts';

export function useImports(): { imports: readonly ModelImport[] } {
  const [imports, setImports] = useState<readonly ModelImport[]>([]);
  useStream((signal) => api.models.imports({}, { signal }), (item) => { setImports(item.imports); }, 'imports');
  return { imports };
}
