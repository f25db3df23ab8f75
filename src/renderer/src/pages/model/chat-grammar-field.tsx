/** The grammar of an answer: its kind, its text, and what is wrong with it. */
import { useTranslation } from 'react-i18next';
import { SelectField, TextField } from '../../ui/index.ts';
import { GRAMMAR_KINDS, readGrammar, type GrammarDraft } from './chat-grammar.ts';

export function ChatGrammarField({ value, onChange }: { value: GrammarDraft; onChange: (value: GrammarDraft) => void }) {
  const { t } = useTranslation('model'), { problem } = readGrammar(value);
  // Nothing typed yet is no mistake; sending waits all the same.
  const words = problem === null || problem.why === 'empty' ? undefined : problem.why === 'notJson' ? t('chat.grammar.notJson', { detail: problem.detail }) : t('chat.grammar.notSchema');
  return (
    <>
      <SelectField label={t('chat.grammar.label')} help={t('chat.grammar.help')} value={value.kind} onChange={(kind) => { onChange({ ...value, kind: kind as GrammarDraft['kind'] }); }} options={GRAMMAR_KINDS.map((kind) => ({ value: kind, label: t(`chat.grammar.kind.${kind}`) }))} />
      {value.kind === 'json_schema' && <TextField multiline rows={6} mono label={t('chat.grammar.schema')} placeholder={'{ "type": "object", "properties": { "score": { "type": "integer", "minimum": 1, "maximum": 5 } }, "required": ["score"] }'} note={t('chat.grammar.schemaNote')} problem={words} value={value.schema} onChange={(schema) => { onChange({ ...value, schema }); }} />}
      {value.kind === 'regex' && <TextField mono label={t('chat.grammar.pattern')} placeholder={'(yes|no), because [a-z ]{3,40}\\.'} note={t('chat.grammar.patternNote')} problem={words} maxLength={10_000} value={value.pattern} onChange={(pattern) => { onChange({ ...value, pattern }); }} />}
    </>
  );
}
