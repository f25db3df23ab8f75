import { Template } from '@huggingface/jinja';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUILTIN_TEMPLATES, chooseTemplate, needTemplate } from '../../src/main/data/templates/builtin.ts';
import { ChatTemplate } from '../../src/main/data/templates/chat-template.ts';
import { strftime } from '../../src/main/data/templates/limited-interpreter.ts';
import type { Message } from '../../src/shared/formats.ts';
import { tiny } from './tiny-tokenizer.ts';

const PLAIN_CHATML = "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
/** Markers on lines of their own, with the white space that blocks trim. */
const MARKED = `{% for message in messages %}
  {%- if message.role == 'assistant' %}
    {{- '<|im_start|>assistant\\n' }}
    {% generation %}
{{ message.content + '<|im_end|>' }}
    {%- endgeneration %}

  {%- else %}
    {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' }}
  {%- endif %}
  {{- '\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}`;
/** Drops the thinking of earlier turns, like some reasoning models: not prefix-preserving. */
const FORGETFUL = "{% for m in messages %}[{{ m.role }}]{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('|')[-1] }}{% else %}{{ m.content }}{% endif %}\n{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}";

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });
const dialogue: Message[] = [{ role: 'system', content: 'Be brief.' }, user('hi'), assistant('hello'), user('bye'), assistant('see you')];
const parts = (t: ChatTemplate, messages: readonly Message[]): string[] => { const r = t.renderMasked(messages); return r.spans.map(([a, b]) => r.text.slice(a, b)); };
const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'system'), content: fc.string({ unit: 'grapheme', maxLength: 20 }) });

describe('renders', () => {
  it('ChatML by hand', () => {
    const t = new ChatTemplate(PLAIN_CHATML);
    expect(t.render([user('hi')], { addGenerationPrompt: true })).toBe('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n');
    expect(t.render([user('hi'), assistant('yo')])).toBe('<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nyo<|im_end|>\n');
  });

  it('markers change nothing: equal to the package, which drops them', () => {
    for (const source of [MARKED, BUILTIN_TEMPLATES.chatml(tiny()), MARKED.replaceAll('{%- ', '{% '), `${MARKED}\n`]) {
      const ours = new ChatTemplate(source);
      const theirs = new Template(source);
      fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), fc.boolean(), (messages, prompt) => {
        expect(ours.render(messages, { addGenerationPrompt: prompt })).toBe(theirs.render({ messages, add_generation_prompt: prompt, tools: null, documents: null }));
      }), { numRuns: 60 });
    }
  });

  it('the built-in ChatML equals plain ChatML', () => {
    const ours = new ChatTemplate(BUILTIN_TEMPLATES.chatml(tiny()));
    const plain = new ChatTemplate(PLAIN_CHATML);
    fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 5 }), fc.boolean(), (messages, addGenerationPrompt) => {
      expect(ours.render(messages, { addGenerationPrompt })).toBe(plain.render(messages, { addGenerationPrompt }));
    }), { numRuns: 60 });
  });

  it('gives tool arguments as objects, however they are written', () => {
    const t = new ChatTemplate('{% for c in messages[0].tool_calls %}{{ (c.function or c).arguments | tojson }}{% endfor %}');
    const call = (args: unknown): unknown => ({ type: 'function', function: { name: 'f', arguments: args } });
    expect(t.render([{ role: 'assistant', content: null, tool_calls: [call('{"a":1}'), call({ a: 1 }), call('not json'), { name: 'f', arguments: '{"b":[2]}' }] }])).toBe('{"a": 1}{"a": 1}"not json"{"b": [2]}');
  });
  it('strips and capitalizes as Python does', () => {
    const show = (source: string, content: string): string => new ChatTemplate(source).render([user(content)]);
    expect(show("{{ messages[0].content.strip('\\n') }}|", '\n a \n')).toBe(' a |');
    expect(show("{{ messages[0].content.lstrip('ab') }}|{{ messages[0].content.rstrip('x') }}|{{ messages[0].content | trim('ax') }}", 'abcx')).toBe('cx|abc|bc');
    expect(show('{{ messages[0].content.strip() }}|{{ messages[0].content | trim }}', '\u0085\ufeff a\u001f')).toBe('\ufeff a|\ufeff a');
    expect(show('{{ messages[0].content.capitalize() }}{{ messages[0].content | capitalize }}', 'éTA')).toBe('ÉtaÉta');
    expect(() => show('{{ messages.strip() }}', 'x')).toThrow();
  });
  it('passes tokens, tools and dates', () => {
    const t = new ChatTemplate("{{ bos_token }}{% if tools %}{{ tools[0].name }}{% endif %}{{ strftime_now('%d %b %Y') }}{{ extra }}", { tokens: { bos_token: '<s>' }, now: new Date(2026, 10, 5) });
    expect(t.render([user('x')], { tools: [{ name: 'add' }], variables: { extra: '!' } })).toBe('<s>add05 Nov 2026!');
    expect(t.render([user('x')], { tools: [] })).toBe('<s>05 Nov 2026');
    expect(strftime(new Date(2026, 0, 4, 9, 7, 3), '%A %B %y %H:%M:%S %% %q')).toBe('Sunday January 26 09:07:03 % %q');
  });
});

describe('assistant spans', () => {
  it('from markers', () => {
    expect(parts(new ChatTemplate(MARKED), dialogue)).toEqual(['hello<|im_end|>', 'see you<|im_end|>']);
    expect(new ChatTemplate(MARKED).renderMasked(dialogue).method).toBe('markers');
  });
  it('from growing prefixes', () => {
    const t = new ChatTemplate(PLAIN_CHATML);
    expect(t.renderMasked(dialogue).method).toBe('prefix');
    expect(parts(t, dialogue)).toEqual(['hello<|im_end|>\n', 'see you<|im_end|>\n']);
  });
  it('both methods agree up to what follows the stop token', () => {
    const a = new ChatTemplate(MARKED);
    const b = new ChatTemplate(PLAIN_CHATML);
    fc.assert(fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
      expect(parts(b, messages).map((s) => s.slice(0, -1))).toEqual(parts(a, messages));
    }), { numRuns: 100 });
  });
  it('survives private-use characters in the text', () => {
    const text = '\u{F0000}\u{F0001}x';
    expect(parts(new ChatTemplate(MARKED), [user('a'), assistant(text)])).toEqual([`${text}<|im_end|>`]);
  });
  it('refuses a template that rewrites earlier turns, but not for one turn', () => {
    const t = new ChatTemplate(FORGETFUL);
    expect(parts(t, [user('a'), assistant('think|b')])).toEqual(['think|b']);
    expect(() => t.renderMasked([user('a'), assistant('think|b'), user('c'), assistant('d')])).toThrow(expect.objectContaining({ code: 'template-invalid', message: expect.stringContaining('turn 2') as string }));
  });
  it('copes with a generation prompt that opens a thinking block', () => {
    const t = new ChatTemplate("{% for m in messages %}<{{ m.role }}>{{ m.content }}</s>{% endfor %}{% if add_generation_prompt %}<assistant><think>{% endif %}");
    expect(parts(t, [user('a'), assistant('b')])).toEqual(['b</s>']);
  });
  it('does not compare hundreds of turns', () => {
    const long = Array.from({ length: 1400 }, (_, i) => (i % 2 ? assistant('b') : user('a')));
    expect(() => new ChatTemplate(PLAIN_CHATML).renderMasked(long)).toThrow(expect.objectContaining({ code: 'row-invalid' }));
    expect(new ChatTemplate(MARKED).renderMasked(long).spans).toHaveLength(700);
  });
  it('refuses markers whose text is changed afterwards', () => {
    const t = new ChatTemplate('{% filter upper %}{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}{% endfilter %}');
    expect(parts(t, [assistant('a')])).toEqual(['A']);
    const cut = new ChatTemplate("{% set t %}{% generation %}{{ messages[0].content }}{% endgeneration %}{% endset %}{{ t[0] }}");
    expect(() => cut.renderMasked([assistant('abc')])).toThrow(expect.objectContaining({ code: 'template-invalid' }));
  });
});

describe('bad templates', () => {
  const code = (source: string, messages: Message[] = [user('x')]): string => {
    const began = performance.now();
    try { new ChatTemplate(source, { limits: { time: 500 } }).render(messages); } catch (e) {
      expect(performance.now() - began).toBeLessThan(2000);
      return e instanceof Error && 'code' in e ? String(e.code) : `uncoded: ${String(e)}`;
    }
    return 'none';
  };
  it.each([
    ['syntax', '{% if %}'], ['unclosed block', '{% for m in messages %}'], ['unclosed marker', '{% generation %}x'], ['unclosed expression', '{{ messages'], ['undefined call', '{{ nothing() }}'],
    ['huge loop', '{% for a in range(10000) %}{% for b in range(10000) %}{% for c in range(10000) %}{{ c }}{% endfor %}{% endfor %}{% endfor %}'],
    ['huge empty loop', '{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}'],
    ['huge range', '{% for a in range(10**12) %}{% endfor %}'], ['infinite range', '{{ range(10**300) }}'],
    ['doubling string', "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}"],
    ['doubling list', '{% set ns = namespace(x=[1,2]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}'],
    ['recursion', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}'], ['indent', "{{ 'a\\nb' | indent(10**9) }}"], ['indent by name', "{{ 'a\\nb' | indent(width=10**9) }}"], ['tojson', '{{ messages | tojson(indent=10**9) }}'],
    ['list of lists, written out', '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}'],
    ['list of lists as JSON', '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}'],
    ['list of lists, glued', "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ '' ~ ns.x }}"],
    ['list of lists to a function', '{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ raise_exception(ns.x) }}'],
    ['list of lists in a macro', '{% macro show(v) %}{{ v }}{% endmacro %}{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ show(ns.x) }}'],
    ['dictionaries of dictionaries', "{% set ns = namespace(x={'a': 1}) %}{% for i in range(60) %}{% set ns.x = {'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}"],
    ['a value that holds itself', '{% set ns = namespace() %}{% set ns.x = [ns, ns] %}{{ ns.x | tojson }}'],
    ['namespaces linked afterwards', `{% set l = [${Array.from({ length: 40 }, () => 'namespace()').join(', ')}] %}{% for i in range(39) %}{% set n = l[i] %}{% set m = l[i + 1] %}{% set n.v = [m, m] %}{% endfor %}{{ l[0] | tojson }}`],
    ['long replacement', "{% set a = 'a' | string %}{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(14) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x.replace('a', ns.x) }}"],
    ['long replacement by name', "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(14) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x['replace']('a', ns.x) }}"],
    ['kept method', "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(14) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% set f = ns.x.replace %}{{ f('a', ns.x) }}"],
    ['long join', "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(17) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ range(10000) | join(ns.x) }}"],
    ['long replacing filter', "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(14) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x | replace('', ns.x) }}"],
    ['mutual recursion', '{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{{ f() }}{% endmacro %}{{ g() }}'],
    ['branching recursion', '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}'],
    ['long source', 'a'.repeat(300_000)], ['long blank', `{% if x %}${' '.repeat(250_000)}{% endif %}`], ['deep nesting', `{{ ${'('.repeat(100_000)} }}`], ['deep blocks', '{% if true %}'.repeat(15_000)],
  ])('%s is template-invalid, and soon', (_, source) => { expect(code(source)).toBe('template-invalid'); });

  it('raise_exception is the row’s fault', () => {
    expect(code("{% if messages[0].role != 'user' %}{{ raise_exception('must start with user') }}{% endif %}", [assistant('x')])).toBe('row-invalid');
  });
  it('reaches nothing of JavaScript', () => {
    for (const source of ["{{ messages.constructor('return process')() }}", "{{ ''.constructor.constructor('return 1')() }}", '{{ raise_exception.constructor }}x', '{{ range.__proto__ }}x']) {
      const out = (() => { try { return new ChatTemplate(source).render([user('x')]); } catch (e) { return e instanceof Error && 'code' in e ? 'refused' : String(e); } })();
      expect(['refused', 'x']).toContain(out);
    }
  });
});

describe('choice', () => {
  it('is explicit', () => {
    const none = tiny();
    expect(chooseTemplate(none)).toBeNull();
    expect(() => needTemplate(none)).toThrow(expect.objectContaining({ code: 'template-missing', message: expect.stringContaining('chatml') as string }));
    expect(needTemplate(none, 'chatml').render([user('hi')])).toBe('<|im_start|>user\nhi<|im_end|>\n');
    expect(() => needTemplate(none, 'chatlm')).toThrow(expect.objectContaining({ code: 'template-invalid' }));
    expect(needTemplate(none, '{{ messages[0].content }}').render([user('hi')])).toBe('hi');
    const other = tiny({ specials: ['</s>'], eos: '</s>' });
    expect(needTemplate(other, 'chatml').render([assistant('a')])).toBe('<|im_start|>assistant\na</s>\n');
  });
});
