/** The shapes an answer of `decide` takes, for decisions that need no draft. */
import { type CoreCode, coded } from './codes.ts';
import type { Change, Decision, Durability, Effect } from './events.ts';
import type { Coded } from './model.ts';

/** What an event leads to, while it is being decided. */
interface Outcome {
  readonly changes: readonly Change[];
  readonly effects: readonly Effect[];
}

const NOTHING: Outcome = { changes: [], effects: [] };

export function refuse(code: CoreCode, args: Coded['args'] = {}): Decision {
  return { ...NOTHING, durability: 'buffered', answer: { ok: false, refusal: coded(code, args) } };
}

/** Accepted, and nothing changes. */
export function unchanged(note: Coded | null = null): Decision {
  return { ...NOTHING, durability: 'buffered', answer: { ok: true, note } };
}

/** Accepted, in this order; durable unless said otherwise. */
export function accept(
  parts: readonly Outcome[],
  note: Coded | null = null,
  durability: Durability = 'durable',
): Decision {
  const changes = parts.flatMap((part) => part.changes);
  const effects = parts.flatMap((part) => part.effects);
  return { changes, effects, durability: changes.length === 0 ? 'buffered' : durability, answer: { ok: true, note } };
}
