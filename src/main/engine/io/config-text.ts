/** config.json as text. transformers takes the soft caps of Gemma 2 only as floats, and JSON written by JavaScript has no 50.0. */

const FLOATS = /("(?:attn|final)_logit_softcapping": -?\d+)(?=[,\n])/g;

export function configText(config: Record<string, unknown>): string {
  return `${JSON.stringify(config, null, 2).replace(FLOATS, '$1.0')}\n`;
}
