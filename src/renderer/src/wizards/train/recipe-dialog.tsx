/** The draft as YAML: read, copied, saved, loaded, edited by hand. The host checks it and names what is wrong. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RecipeIssue } from '../../../../shared/schema/recipe.ts';
import { api } from '../../state/client.ts';
import { saveFile } from '../../state/save-file.ts';
import { shell } from '../../state/shell.ts';
import { Button, CopyButton, Dialog, Dot, ErrorNote, toast } from '../../ui/index.ts';
import { recipeOf } from './draft.ts';
import { useDraft } from './draft-store.ts';
import { sentence } from '../../i18n/sentences.ts';

export function RecipeDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('train');
  const { draft, load } = useDraft();
  const [text, setText] = useState(''), [issues, setIssues] = useState<RecipeIssue[]>([]), [error, setError] = useState<unknown>(null), [busy, setBusy] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (!open) return undefined;
    const stop = new AbortController();
    setIssues([]); setError(null);
    api.recipes.check({ recipe: recipeOf(draft) }, { signal: stop.signal }).then((r) => { setText(r.yaml ?? ''); setIssues(r.issues); }, (e: unknown) => { if (!stop.signal.aborted) setError(e); });
    return () => { stop.abort(); };
  // The draft of the moment of opening: later typing belongs to the text.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [open]);
  const apply = async (yaml: string): Promise<void> => {
    setBusy(true); setError(null);
    try {
      const r = await api.recipes.check({ yaml });
      setIssues(r.issues);
      if (r.recipe) { load(r.recipe, null); toast.done(t('recipe.applied')); onClose(); }
    } catch (e) { setError(e); } finally { setBusy(false); }
  };
  const save = (): void => {
    saveFile(`${draft.name?.trim() || 'recipe'}.yaml`.replaceAll(/[\\/:*?"<>|]/g, '-'), text, 'application/yaml').then((kept) => { if (kept && shell) toast.done(t('recipe.saved')); }, setError);
  };
  return (
    <Dialog open={open} onClose={onClose} title={t('recipe.title')} size={720} actions={<><span className="wz-left"><CopyButton size="m" text={text} label={t('recipe.copy')} /><Button onClick={save}>{t('recipe.save')}</Button><Button onClick={() => { file.current?.click(); }}>{t('recipe.load')}</Button></span><Button onClick={onClose}>{t('recipe.close')}</Button><Button kind="primary" busy={busy} disabled={text.trim() === ''} onClick={() => { void apply(text); }}>{t('recipe.apply')}</Button></>}>
      <div className="stack">
        <p className="muted small">{t('recipe.intro')}</p>
        <textarea className="input wz-yaml" aria-label={t('recipe.label')} spellCheck={false} rows={20} value={text} onChange={(e) => { setText(e.target.value); }} />
        {error !== null && <ErrorNote error={error} />}
        {issues.length > 0 && <div role="alert"><p className="bad small">{t('recipe.invalid', { count: issues.length })}</p><ul className="wz-issues">{issues.map((i) => <li key={`${i.path}${i.message}`}><Dot tone="bad" /><code>{i.path}</code><span>{sentence(i.message)}{i.nearest !== undefined && !i.message.includes(i.nearest) && ` ${t('recipe.nearest', { nearest: i.nearest })}`}</span></li>)}</ul></div>}
        <input ref={file} type="file" accept=".yaml,.yml,.json" hidden onChange={(e) => { const chosen = e.target.files?.[0]; e.target.value = ''; if (chosen) void chosen.text().then((x) => { setText(x); }); }} />
      </div>
    </Dialog>
  );
}
