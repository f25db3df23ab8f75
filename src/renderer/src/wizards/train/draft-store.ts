/** The draft of the new run and the step that is shown. Kept outside the page and in the session, so that looking at something else loses nothing. */
import { create } from 'zustand';
import { createJSONStorage, persist } from 'zustand/middleware';
import { draftOf, emptyDraft, loraDefaults, trainDefaults, withValue } from './draft.ts';
import type { Draft } from './draft.ts';
import type { Recipe } from '../../../../shared/schema/recipe.ts';
import type { ParamField } from './param-fields.ts';

export const STEP_IDS = ['model', 'method', 'data', 'parameters', 'review'] as const;
export type StepId = (typeof STEP_IDS)[number];

interface DraftState {
  draft: Draft; step: StepId; level: 'basic' | 'advanced'; cloneOf: string | null;
  go: (step: StepId) => void; setLevel: (level: 'basic' | 'advanced') => void;
  change: (part: Partial<Draft>) => void; changeData: (part: Draft['data']) => void;
  setParam: (field: ParamField, value: unknown) => void; resetParams: () => void;
  load: (recipe: Recipe, cloneOf: string | null) => void; clear: () => void;
}

export const useDraft = create<DraftState>()(persist((set) => ({
  draft: emptyDraft(), step: 'model', level: 'basic', cloneOf: null,
  go: (step) => { set({ step }); },
  setLevel: (level) => { set({ level }); },
  change: (part) => { set((s) => ({ draft: { ...s.draft, ...part } })); },
  changeData: (part) => { set((s) => ({ draft: { ...s.draft, data: { ...s.draft.data, ...part } } })); },
  setParam: (field, value) => {
    set(({ draft }) => {
      if (field.section === 'train') return { draft: { ...draft, train: withValue(draft.train, trainDefaults(draft.method), field.name, value) } };
      return draft.adapter === 'none' ? {} : { draft: { ...draft, adapter: withValue(draft.adapter, { ...loraDefaults() }, field.name, value) } };
    });
  },
  resetParams: () => { set(({ draft: d }) => { const { health: _, device: _device, precision: _precision, ...draft } = d; return { draft: { ...draft, train: {}, adapter: draft.adapter === 'none' ? 'none' : {} } }; }); },
  load: (recipe, cloneOf) => { set({ draft: draftOf(recipe), cloneOf }); },
  clear: () => { set({ draft: emptyDraft(), step: 'model', cloneOf: null }); },
}), { name: 'anneal.train-draft', version: 1, storage: createJSONStorage(() => sessionStorage), partialize: ({ draft, step, level, cloneOf }) => ({ draft, step, level, cloneOf }) }));

/** What still keeps a step from being complete. `dataFits`: the chosen rows are of a kind that the method learns from. The review step says for itself whether a start is allowed. */
export function isComplete(step: StepId, d: Draft, invalid: number, dataFits = true): boolean {
  switch (step) {
    case 'model': return d.model !== undefined && d.model !== '';
    case 'method': return true;
    case 'data': return d.data.train !== undefined && d.data.train !== '' && dataFits;
    case 'parameters': return invalid === 0;
    case 'review': return false;
  }
}
