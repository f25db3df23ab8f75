/** A command: what the palette lists, what a shortcut runs, what the shortcut list shows. Global ones are in global-actions.ts; a page adds its own while it is shown. */
export interface Action {
  id: string;
  label: string;
  /** Heading in palette and shortcut list. */
  section: string;
  /** "Mod+K", "C", "Space", "Shift+?", or two keys one after the other: "G H". */
  shortcut?: string;
  enabled?: boolean;
  /** Also while a text field has the focus (Mod+Enter). */
  inFields?: boolean;
  run: () => void;
}
