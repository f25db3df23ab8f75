/** The definition object of an export format: one per format, in one file under formats/, with one line in its registry. Labels and weight types: shared/export-formats.ts. */
import type { ExportFormatId, ExportType } from '../../../shared/export-formats.ts';
import type { ExportFile } from '../../../shared/schema/export.ts';
import type { Answerer } from './proof/answerer.ts';
import type { ExportSource } from './source.ts';

export interface ExportOptions { type: ExportType; maxShardBytes: number | null; system: string | null; /** Suggested name of model files, without spaces. */ name: string; /** What the base model is called, for files that refer to it. */ base: string; license: string | null; threads: number }
export interface WriteContext { folder: string; onBytes: (n: number) => void; signal: AbortSignal }

/** An export that is ready to be written. Nothing was written yet. */
export interface PlannedExport {
  /** With exact sizes; without README.md. */
  files: ExportFile[];
  lossless: boolean;
  /** Bytes of the largest working set while writing, beside what the process needs anyway. Estimate. */
  workingBytes: number;
  /** Bytes on the disk for the length of the proof, beside the files. Upper bound. */
  scratchBytes: number;
  notes: string[];
  write: (ctx: WriteContext) => Promise<void>;
  /** Loads the written files with our own reader. */
  reopen: (folder: string) => Promise<Answerer>;
  reader: 'adapter' | 'folder' | 'gguf' | 'onnx';
  /** For the model card: how to load it, as Markdown. */
  usage: string;
}

export interface Exporter {
  id: ExportFormatId;
  /** Throws `bad-request` when the source cannot be written so, in words. */
  plan: (source: ExportSource, options: ExportOptions) => Promise<PlannedExport>;
}
