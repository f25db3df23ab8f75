// The chat format of the demo model: ChatML marks, one turn after another; {% generation %} marks what an assistant-only loss trains on.

export const specialTokens = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|pad|>'] as const;

export const chatTemplate = [
  '{%- for message in messages -%}',
  "{{ '<|im_start|>' + message['role'] + '\\n' }}",
  "{%- if message['role'] == 'assistant' -%}",
  '{% generation %}',
  "{{- message['content'] + '<|im_end|>' -}}",
  '{% endgeneration %}',
  '{%- else -%}',
  "{{ message['content'] + '<|im_end|>' }}",
  '{%- endif -%}',
  "{{ '\\n' }}",
  '{%- endfor -%}',
  "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}",
].join('\n');
