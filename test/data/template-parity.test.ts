/** Templates in the styles of the model families, rendered by transformers (test/oracle/make_templates.py) and here: same text, same assistant spans, same refusals in the same words. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ChatTemplate } from '../../src/main/data/templates/chat-template.ts';
import { errorShape } from '../../src/shared/errors.ts';
import type { Message } from '../../src/shared/formats.ts';

const FOLDER = join(import.meta.dirname, '../fixtures/templates');
interface Case { template: string; conversation: string; variant: { add_generation_prompt?: boolean; tools?: boolean; enable_thinking?: boolean; documents?: unknown[] }; text?: string; spans?: [number, number][]; error?: [string, string] }
const { cases, conversations, tools, now } = JSON.parse(readFileSync(join(FOLDER, 'expected.json'), 'utf8')) as { cases: Case[]; conversations: Record<string, Message[]>; tools: unknown[]; now: [number, number, number, number, number] };
const date = new Date(now[0], now[1] - 1, ...(now.slice(2) as [number, number, number]));
const units = (text: string, codePoints: number): number => Array.from(text).slice(0, codePoints).join('').length;

describe.each([...new Set(cases.map((c) => c.template))])('%s', (name) => {
  const template = new ChatTemplate(readFileSync(join(FOLDER, `${name}.jinja`), 'utf8'), { tokens: { bos_token: '<s>', eos_token: '</s>' }, now: date });
  it.each(cases.filter((c) => c.template === name).map((c) => [`${c.conversation} ${JSON.stringify(c.variant)}`, c] as const))('%s', (_, c) => {
    const messages = conversations[c.conversation] ?? [], { documents, enable_thinking } = c.variant;
    const options = { addGenerationPrompt: c.variant.add_generation_prompt ?? false, tools: c.variant.tools === true ? tools : undefined, variables: { ...(documents ? { documents } : {}), ...(enable_thinking === undefined ? {} : { enable_thinking }) } };
    if (c.error) {
      // A refusal in the template's own words passes through; Python's own errors (an undefined sum, say) only have to be errors here too.
      let got;
      try { got = { text: template.render(messages, options) }; } catch (e) { got = errorShape(e); }
      expect(got).not.toHaveProperty('text');
      if (!/raise_exception|TemplateError/.test(c.error[0])) return;
      expect(got).toMatchObject({ code: 'row-invalid', message: expect.stringContaining(c.error[1]) as string });
      return;
    }
    const text = c.text ?? '';
    expect(template.render(messages, options)).toBe(text);
    if (c.spans) expect(template.renderMasked(messages, options)).toEqual({ text, method: 'markers', spans: c.spans.map(([a, b]) => [units(text, a), units(text, b)]).filter(([a = 0, b = 0]) => b > a) });
  });
});
