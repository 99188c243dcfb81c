/** What the panel shows, and what a person can do in it. Parts are functions from these to a template. */
import type { Coded, UnitStatus } from '../src/core/model.ts';
import type { CommandArgs, CommandType, TaskHeader } from '../src/protocol/panel.ts';
import type { Link } from './connection.ts';
import type { Filter } from './filter.ts';
import type { Units } from './units.ts';
import type { Words } from './words.ts';

export interface PanelState {
  words: Words;
  header: TaskHeader | null;
  units: Units | null;
  /** Rows per second, one sample a second, oldest first. */
  samples: readonly number[];
  filter: Filter;
  /** Number of units that the filter lets through. */
  shownCount: number;
  /** Plan index, -1 = none. */
  selected: number;
  detailsOpen: boolean;
  menuOpen: boolean;
  link: Link;
  /** Whole seconds since the last update. */
  silentForS: number;
  /** A command that the host refused. */
  refusal: { readonly command: CommandType; readonly message: Coded | null } | null;
  /** What the host remarked when it took the last command. */
  remark: Coded | null;
  /** The concurrency a person asked for, until the host says it is in force. */
  wantedConcurrency: number | null;
  /** What assistive technology is told: at most once a second. */
  spoken: { readonly percent: number; readonly text: string };
}

export interface Actions {
  send(command: CommandType, args?: CommandArgs): void;
  pending(command: CommandType): boolean;
  setConcurrency(value: number): void;
  filterStatus(status: UnitStatus | null): void;
  filterText(text: string): void;
  clearFilter(): void;
  /** From the filter field into the list. */
  focusList(): void;
  toggleMenu(): void;
  closeMenu(): void;
  toggleDetails(): void;
  tryNow(): void;
  dismissRefusal(): void;
}

/** Whether the host would take a command now. */
export function canAct(state: PanelState): boolean {
  return state.header !== null && state.header.blocked === null && state.link.kind === 'live';
}

export function isComplete(header: TaskHeader): boolean {
  return header.units > 0 && header.counts.completed === header.units;
}
