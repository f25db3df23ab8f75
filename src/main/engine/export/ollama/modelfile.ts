/** The text of an Ollama Modelfile: FROM, TEMPLATE where the chat template is recognised, PARAMETER stop, SYSTEM. */
import type { ExportSource } from '../source.ts';
import { recogniseStyle } from './recognise.ts';

export function modelfile(source: ExportSource, file: string, system: string | null): { text: string; notes: string[] } {
  const { template, tokenizer, stopIds } = source, known = template === null ? null : recogniseStyle(template, tokenizer.bos?.content ?? null);
  const notes: string[] = [], lines = [`FROM ./${file}`];
  if (known !== null) lines.push('', `TEMPLATE ${quoted(known.style.go)}`);
  else if (template !== null) notes.push('The chat template is none of those that can be told in Ollama\'s language with certainty, so the Modelfile has no TEMPLATE: Ollama then uses what it makes of the template inside the GGUF file.');
  else notes.push('The model has no chat template: Ollama will continue text as it stands.');
  const said = system ?? known?.defaultSystem ?? null;
  if (said !== null) {
    lines.push('', `SYSTEM ${quoted(said)}`);
    if (system === null) notes.push('The template writes a system text of its own when there is none; it stands in the Modelfile as SYSTEM.');
  }
  const stops = [...new Set([...(known?.style.stop.filter((s) => tokenizer.idOf(s) !== null) ?? []), ...stopIds.flatMap((id) => tokenizer.tokenOf(id) ?? [])])];
  if (stops.length > 0) lines.push('', ...stops.map((s) => `PARAMETER stop ${JSON.stringify(s)}`));
  return { text: `${lines.join('\n')}\n`, notes };
}

/** Triple quotes hold line breaks; a text that has them itself is written as one line. */
function quoted(text: string): string {
  return text.includes('"""') ? JSON.stringify(text.replaceAll('"""', '"\u200b""')) : `"""${text}"""`;
}
