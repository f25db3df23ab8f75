/** Grammars as expressions over bytes. Rules may call each other, also themselves; everything else is regular. The automaton (automaton.ts) gives them their meaning. */

import { AnnealError } from '../../../../shared/errors.ts';
import type { CodePoints } from './code-points.ts';
import { utf8Sequences } from './code-points.ts';

export type ByteRange = readonly [low: number, high: number];
export type Expr =
  | { readonly kind: 'empty' }
  /** One byte out of the ranges. */
  | { readonly kind: 'byte'; readonly ranges: readonly ByteRange[] }
  | { readonly kind: 'seq'; readonly parts: readonly Expr[] }
  | { readonly kind: 'alt'; readonly options: readonly Expr[] }
  | { readonly kind: 'repeat'; readonly body: Expr; readonly min: number; readonly max: number }
  /** Items in order with a separator between those that are there; `more` may follow any number of times. */
  | { readonly kind: 'list'; readonly items: readonly { body: Expr; required: boolean }[]; readonly separator: Expr; readonly more: Expr | null }
  | { readonly kind: 'rule'; readonly name: string };

/** A grammar: the rule to start with, and all rules. */
export interface Grammar { readonly start: Expr; readonly rules: ReadonlyMap<string, Expr> }

const utf8 = new TextEncoder();
export const EMPTY: Expr = { kind: 'empty' };
export const byte = (...ranges: ByteRange[]): Expr => ({ kind: 'byte', ranges });
export const seq = (...parts: Expr[]): Expr => (parts.length === 1 ? (parts[0] as Expr) : { kind: 'seq', parts });
export const alt = (...options: Expr[]): Expr => (options.length === 1 ? (options[0] as Expr) : { kind: 'alt', options });
export const repeat = (body: Expr, min: number, max: number): Expr => ({ kind: 'repeat', body, min, max });
export const optional = (body: Expr): Expr => repeat(body, 0, 1);
export const rule = (name: string): Expr => ({ kind: 'rule', name });
/** The UTF-8 bytes of a text. */
export const literal = (text: string): Expr => seq(...Array.from(utf8.encode(text), (b) => byte([b, b])));
/** One character of a set, in UTF-8. An empty set matches nothing. */
export const character = (set: CodePoints): Expr => alt(...utf8Sequences(set).map((s) => seq(...s.map((r) => byte(r)))));

/** Throws `grammar-invalid`. */
export function grammarError(message: string, params: Record<string, string | number> = {}): AnnealError { return new AnnealError('grammar-invalid', message, params); }
