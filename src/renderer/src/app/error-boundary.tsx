/** A page that throws shows what happened, with the rest of the window alive. */
import { Component } from 'react';
import type { ReactNode } from 'react';
import { api } from '../state/client.ts';
import { ErrorNote } from '../ui/index.ts';

export class ErrorBoundary extends Component<{ children: ReactNode; /** Another place clears the error. */ place: string; kept: string }, { error: unknown; place: string }> {
  override state = { error: null as unknown, place: this.props.place };
  static getDerivedStateFromError(error: unknown): { error: unknown } { return { error }; }
  static getDerivedStateFromProps(props: { place: string }, state: { error: unknown; place: string }): { error: unknown; place: string } | null { return props.place === state.place ? null : { error: null, place: props.place }; }
  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <ErrorNote error={this.state.error} kept={this.props.kept} retry={() => { this.setState({ error: null }); }} diagnostics={async () => (await api.system.diagnostics()).text} />;
  }
}
