/** The compare page's own state: panes, what was asked, what each answered. Outlives the page, so that a look at a run loses nothing. The host does the answering; `ask` in ask-all.ts feeds this store. */
import { create } from 'zustand';
import type { ErrorShape } from '../../../../shared/errors.ts';
import type { Sampling } from '../../../../shared/schema/recipe.ts';
import { MAX_PANES, targetKey } from '../../compare-link.ts';
import type { Target } from '../../compare-link.ts';

export interface Token { text: string; logprob: number }
export interface Answer {
  status: 'waiting' | 'streaming' | 'done' | 'failed' | 'cancelled';
  prompt: string; mode: Mode; sampling: Sampling; locked: boolean;
  weightHash: string | null; template: string | null; promptText: string | null; promptTokens: number | null;
  tokens: Token[];
  end: { reason: 'stop' | 'length' | 'cancelled'; tokens: number; tokensPerSecond: number; meanLogprob: number } | null;
  error: ErrorShape | null;
}
export type Mode = 'chat' | 'raw';
export type View = 'text' | 'difference' | 'probabilities';
/** `own` is set while the pane is unlocked: its answers are then not comparable. */
export interface Pane { key: string; target: Target; own: Sampling | null; answer: Answer | null }
export interface Asked { prompt: string; mode: Mode; time: number }

export const DEFAULT_SAMPLING: Sampling = { temperature: 0, top_k: 0, top_p: 1, min_p: 0, repetition_penalty: 1, max_new_tokens: 128, seed: 7 };
const HISTORY = 50;

interface CompareState {
  panes: Pane[]; sampling: Sampling; mode: Mode; system: string; view: View; reference: string | null; history: Asked[];
  setTargets: (targets: readonly Target[]) => void;
  add: (target: Target) => void; remove: (key: string) => void;
  setSampling: (change: Partial<Sampling>) => void; setMode: (mode: Mode) => void; setSystem: (system: string) => void; setView: (view: View) => void; setReference: (key: string | null) => void;
  unlock: (key: string) => void; lock: (key: string) => void; setOwn: (key: string, change: Partial<Sampling>) => void;
  update: (key: string, change: (answer: Answer | null) => Answer | null) => void;
  remember: (asked: Asked) => void;
}

export const useCompare = create<CompareState>()((set) => {
  const onPane = (key: string, change: (p: Pane) => Pane): void => { set((s) => ({ panes: s.panes.map((p) => (p.key === key ? change(p) : p)) })); };
  return {
    panes: [], sampling: DEFAULT_SAMPLING, mode: 'chat', system: '', view: 'text', reference: null, history: [],
    setTargets: (targets) => { set((s) => ({ panes: targets.slice(0, MAX_PANES).map((target) => s.panes.find((p) => p.key === targetKey(target)) ?? newPane(target)) })); },
    add: (target) => { set((s) => (s.panes.length >= MAX_PANES || s.panes.some((p) => p.key === targetKey(target)) ? {} : { panes: [...s.panes, newPane(target)] })); },
    remove: (key) => { set((s) => ({ panes: s.panes.filter((p) => p.key !== key), reference: s.reference === key ? null : s.reference })); },
    setSampling: (change) => { set((s) => ({ sampling: { ...s.sampling, ...change } })); },
    setMode: (mode) => { set({ mode }); },
    setSystem: (system) => { set({ system }); },
    setView: (view) => { set({ view }); },
    setReference: (reference) => { set({ reference }); },
    unlock: (key) => { set((s) => ({ panes: s.panes.map((p) => (p.key === key ? { ...p, own: { ...s.sampling } } : p)) })); },
    lock: (key) => { onPane(key, (p) => ({ ...p, own: null })); },
    setOwn: (key, change) => { onPane(key, (p) => ({ ...p, own: p.own === null ? null : { ...p.own, ...change } })); },
    update: (key, change) => { onPane(key, (p) => ({ ...p, answer: change(p.answer) })); },
    remember: (asked) => { set((s) => ({ history: [asked, ...s.history.filter((h) => h.prompt !== asked.prompt || h.mode !== asked.mode)].slice(0, HISTORY) })); },
  };
});

const newPane = (target: Target): Pane => ({ key: targetKey(target), target, own: null, answer: null });
/** The pane that differences are shown against: the chosen one, else the first. */
export const referencePane = (s: Pick<CompareState, 'panes' | 'reference'>): Pane | undefined => s.panes.find((p) => p.key === s.reference) ?? s.panes[0];
/** Two answers may be compared when the prompt, the mode and every sampling setting are the same. */
export function comparable(a: Answer | null, b: Answer | null): boolean {
  return a !== null && b !== null && a.prompt === b.prompt && a.mode === b.mode && JSON.stringify(a.sampling) === JSON.stringify(b.sampling);
}
export const textOf = (a: Answer | null): string => a?.tokens.map((t) => t.text).join('') ?? '';
