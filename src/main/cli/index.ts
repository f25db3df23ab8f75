/** The registry of commands: one line each, in the order in which help shows them. */
import type { Command } from './command.ts';
import { dataExport } from './commands/data-export.ts';
import { dataImport } from './commands/data-import.ts';
import { dataList } from './commands/data-list.ts';
import { demo } from './commands/demo.ts';
import { doctor } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { generate } from './commands/generate.ts';
import { modelDownload } from './commands/model-download.ts';
import { modelImport } from './commands/model-import.ts';
import { modelList } from './commands/model-list.ts';
import { resume } from './commands/resume.ts';
import { runs } from './commands/runs.ts';
import { score } from './commands/score.ts';
import { serve } from './commands/serve.ts';
import { train } from './commands/train.ts';

export const COMMANDS: readonly Command[] = [doctor, demo, modelImport, modelDownload, modelList, dataImport, dataList, dataExport, train, resume, runs, generate, score, exportCommand, serve];
