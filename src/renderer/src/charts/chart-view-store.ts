/** The controls of all charts: set once, the same on every chart and after a restart of the page. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import { DEFAULT_VIEW } from './chart-line.ts';
import type { ChartView } from './chart-line.ts';

interface ViewState { view: ChartView; set: (change: Partial<ChartView>) => void }
export const useChartView = create<ViewState>()(persist((set) => ({
  view: DEFAULT_VIEW,
  set: (change) => { set((s) => ({ view: { ...s.view, ...change } })); },
}), { name: 'anneal.chart-view', version: 1, partialize: ({ view }) => ({ view }) }));
