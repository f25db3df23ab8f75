/** The registry of export formats: one line each. */
import type { ExportFormatId } from '../../../../shared/export-formats.ts';
import { AnnealError } from '../../../../shared/errors.ts';
import type { Exporter } from '../exporter.ts';
import { gguf } from './gguf.ts';
import { hf } from './hf.ts';
import { onnx } from './onnx.ts';
import { ollama } from './ollama.ts';
import { peft } from './peft.ts';

export const EXPORTERS: readonly Exporter[] = [peft, hf, gguf, onnx, ollama];

export function exporterOf(id: ExportFormatId): Exporter {
  const found = EXPORTERS.find((e) => e.id === id);
  if (found === undefined) throw new AnnealError('unavailable', `This build cannot write the format "${id}".`, { format: id });
  return found;
}
