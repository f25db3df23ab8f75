/** The registry of GGUF architectures: one line each. */

import { basename } from 'node:path';
import { AnnealError } from '../../../../../shared/errors.ts';
import type { GgufFile } from '../read-gguf.ts';
import { Metadata } from '../metadata.ts';
import type { GgufArchitecture } from './architecture.ts';
import { gemma, gemma2, gemma3 } from './gemma.ts';
import { gpt2 } from './gpt2.ts';
import { lfm2 } from './lfm2.ts';
import { llama, smollm3 } from './llama.ts';
import { phi3 } from './phi3.ts';
import { qwen2, qwen3 } from './qwen.ts';

export const ARCHITECTURES: readonly GgufArchitecture[] = [llama, smollm3, qwen2, qwen3, gemma, gemma2, gemma3, phi3, lfm2, gpt2];

/** Throws `gguf-unsupported` for an architecture that is not in the registry. */
export function architectureOfFile(file: GgufFile): { architecture: GgufArchitecture; metadata: Metadata } {
  const metadata = new Metadata(file);
  const architecture = ARCHITECTURES.find((a) => a.id === metadata.architecture);
  if (architecture === undefined) {
    const name = metadata.architecture.slice(0, 40);
    throw new AnnealError('gguf-unsupported', `${basename(file.path)} holds a model of the architecture "${name}"; supported are ${ARCHITECTURES.map((a) => a.id).join(', ')}.`, { file: basename(file.path), architecture: name });
  }
  return { architecture, metadata };
}

/** Throws `gguf-unsupported` for a model type that has no GGUF architecture here. */
export function architectureOfConfig(config: Record<string, unknown>): GgufArchitecture {
  const type = config['model_type'];
  const architecture = ARCHITECTURES.find((a) => typeof type === 'string' && a.modelTypes.includes(type));
  if (architecture === undefined) throw new AnnealError('gguf-unsupported', `Models of the type ${JSON.stringify(type) ?? '(none)'} cannot be written as GGUF; these can: ${ARCHITECTURES.flatMap((a) => a.modelTypes).join(', ')}.`, { type: String(type) });
  return architecture;
}
