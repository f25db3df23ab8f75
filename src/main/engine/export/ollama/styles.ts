/** Chat template styles that can be said in Ollama's template language: how each renders a conversation, its Go template, and what ends a turn. One object a style.
 * The Go templates are for Ollama's chat API (`.Messages`); the header of each says which models use it. */

// A type and not an interface, so that it passes for a message with more fields.
export type Turn = { role: string; content: string };
export interface ChatStyle {
  id: string;
  /** The conversation followed by the opening of the assistant's turn, without the text that begins a sequence (BOS). null: the style has no such turn (a system turn, for one). */
  render: (turns: readonly Turn[]) => string | null;
  go: string;
  stop: readonly string[];
}

const GO_CHATML = `{{- range .Messages }}<|im_start|>{{ .Role }}
{{ .Content }}<|im_end|>
{{ end }}<|im_start|>assistant
`;
const chatml: ChatStyle = {
  id: 'ChatML', stop: ['<|im_start|>', '<|im_end|>'], go: GO_CHATML,
  render: (turns) => `${turns.map((t) => `<|im_start|>${t.role}\n${t.content}<|im_end|>\n`).join('')}<|im_start|>assistant\n`,
};

const llama3: ChatStyle = {
  id: 'Llama 3', stop: ['<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>'],
  go: `{{- range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>

{{ .Content }}<|eot_id|>{{ end }}<|start_header_id|>assistant<|end_header_id|>

`,
  render: (turns) => `${turns.map((t) => `<|start_header_id|>${t.role}<|end_header_id|>\n\n${t.content}<|eot_id|>`).join('')}<|start_header_id|>assistant<|end_header_id|>\n\n`,
};

const gemmaTurns = (turns: readonly Turn[]): string => `${turns.map((t) => `<start_of_turn>${t.role === 'assistant' ? 'model' : t.role}\n${t.content}<end_of_turn>\n`).join('')}<start_of_turn>model\n`;
const GO_GEMMA = `{{- range .Messages }}<start_of_turn>{{ if eq .Role "assistant" }}model{{ else }}{{ .Role }}{{ end }}
{{ .Content }}<end_of_turn>
{{ end }}<start_of_turn>model
`;
/** Gemma and Gemma 2 refuse a system turn. */
const gemma: ChatStyle = { id: 'Gemma', stop: ['<start_of_turn>', '<end_of_turn>'], go: GO_GEMMA, render: (turns) => (turns.some((t) => t.role === 'system') ? null : gemmaTurns(turns)) };
/** Gemma 3 puts the system text before the first question. */
const gemma3: ChatStyle = {
  id: 'Gemma 3', stop: ['<start_of_turn>', '<end_of_turn>'],
  go: `{{- $system := "" }}{{ range $i, $m := .Messages }}{{ if eq .Role "system" }}{{ $system = .Content }}{{ else }}<start_of_turn>{{ if eq .Role "assistant" }}model{{ else }}{{ .Role }}{{ end }}
{{ if and $system (eq .Role "user") }}{{ $system }}

{{ $system = "" }}{{ end }}{{ .Content }}<end_of_turn>
{{ end }}{{ end }}<start_of_turn>model
`,
  render: ([first, ...rest]) => {
    if (first?.role !== 'system') return gemmaTurns(first === undefined ? [] : [first, ...rest]);
    const [question, ...others] = rest;
    return question === undefined ? null : gemmaTurns([{ ...question, content: `${first.content}\n\n${question.content}` }, ...others]);
  },
};

const phi3: ChatStyle = {
  id: 'Phi 3', stop: ['<|end|>', '<|user|>', '<|assistant|>'],
  go: `{{- range .Messages }}<|{{ .Role }}|>
{{ .Content }}<|end|>
{{ end }}<|assistant|>
`,
  render: (turns) => `${turns.map((t) => `<|${t.role}|>\n${t.content}<|end|>\n`).join('')}<|assistant|>\n`,
};

const zephyr: ChatStyle = {
  id: 'Zephyr', stop: ['<|system|>', '<|user|>', '<|assistant|>', '</s>'],
  go: `{{- range .Messages }}<|{{ .Role }}|>
{{ .Content }}</s>
{{ end }}<|assistant|>
`,
  render: (turns) => `${turns.map((t) => `<|${t.role}|>\n${t.content}</s>\n`).join('')}<|assistant|>\n`,
};

export const CHAT_STYLES: readonly ChatStyle[] = [chatml, llama3, gemma, gemma3, phi3, zephyr];
