/** Chat templates are recognised by what they render, and only then translated. */
import { describe, expect, test } from 'vitest';
import { ChatTemplate } from '../../../src/main/data/templates/chat-template.ts';
import { recogniseStyle } from '../../../src/main/engine/export/ollama/recognise.ts';
import { CHAT_STYLES } from '../../../src/main/engine/export/ollama/styles.ts';

const CHATML = "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const WITH_DEFAULT = `{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are kind.<|im_end|>\\n' }}{% endif %}${CHATML}`;
const LLAMA3 = "{% for m in messages %}{% set c = '<|start_header_id|>' + m['role'] + '<|end_header_id|>\\n\\n' + m['content'] | trim + '<|eot_id|>' %}{% if loop.first %}{% set c = bos_token + c %}{% endif %}{{ c }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";
const GEMMA = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}{{ '<start_of_turn>' + ('model' if m['role'] == 'assistant' else m['role']) + '\\n' + m['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}";
const GEMMA3 = "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{% set first = messages[0]['content'] + '\\n\\n' %}{% set rest = messages[1:] %}{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}{% for m in rest %}{{ '<start_of_turn>' + ('model' if m['role'] == 'assistant' else m['role']) + '\\n' + (first if loop.first else '') + m['content'] | trim + '<end_of_turn>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}";
const PHI3 = "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] + '<|end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";
const ZEPHYR = "{% for m in messages %}{{ '<|' + m['role'] + '|>\\n' + m['content'] + eos_token + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}";
const recognised = (source: string, bos: string | null = '<s>'): ReturnType<typeof recogniseStyle> => recogniseStyle(new ChatTemplate(source, { tokens: { bos_token: bos ?? '', eos_token: '</s>' } }), bos);

describe('known styles', () => {
  test.each([['ChatML', CHATML], ['Llama 3', LLAMA3], ['Gemma', GEMMA], ['Gemma 3', GEMMA3], ['Phi 3', PHI3], ['Zephyr', ZEPHYR]])('%s', (id, source) => {
    expect(recognised(source)).toMatchObject({ style: { id }, defaultSystem: null });
  });
  test('a system text that the template writes by itself is found', () => { expect(recognised(WITH_DEFAULT)).toMatchObject({ style: { id: 'ChatML' }, defaultSystem: 'You are kind.' }); });
  test('a BOS that is a part of the turn is not taken away', () => { expect(recognised(WITH_DEFAULT, '<|im_start|>')).toMatchObject({ style: { id: 'ChatML' }, defaultSystem: 'You are kind.' }); });
});

test.each([['one character more', CHATML.replace("'\\n' + m['content']", "'\\n ' + m['content']")], ['upper case', CHATML.replace("m['content']", "m['content'] | upper")], ['another end', CHATML.replaceAll('<|im_end|>', '<|end|>')], ['the last turn only', "{{ '<|im_start|>user\\n' + messages[-1]['content'] + '<|im_end|>\\n<|im_start|>assistant\\n' }}"]])('%s is not ChatML', (_, source) => { expect(recognised(source)).toBeNull(); });

test('every style ends its turns with something that stops', () => { for (const s of CHAT_STYLES) expect(s.stop.length).toBeGreaterThan(0); });
