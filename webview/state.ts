/** What the panel shows, and what a person can do in it. Parts are functions from these to a template. */
import type { Coded, Mode, UnitStatus } from '../src/core/model.ts';
import type { CommandArgs, CommandType, TaskHeader } from '../src/protocol/panel.ts';
import type { Link } from './connection.ts';
import type { Filter } from './filter.ts';
import type { HostClock } from './host-clock.ts';
import type { Places } from './places.ts';
import type { Units } from './units.ts';
import type { Words } from './words.ts';

export interface PanelState {
  words: Words;
  readonly clock: HostClock;
  header: TaskHeader | null;
  units: Units | null;
  /** Rows per second, one sample a second, oldest first. */
  samples: readonly number[];
  filter: Filter;
  /** Number of units in the list; in manual mode some of them may have started since. */
  shownCount: number;
  /** Who stands where in manual mode; null in auto mode. */
  places: Places | null;
  /** Selected units that can be added still. */
  addable: readonly number[];
  /** Selected units (plan indexes) of the list that a person turned to last. */
  chosen: readonly number[];
  detailsOpen: boolean;
  menuOpen: boolean;
  link: Link;
  /** Whole seconds since the last update. */
  silentForS: number;
  /** A command that the host refused. */
  refusal: { readonly command: CommandType; readonly message: Coded | null } | null;
  /** A command that nobody answered in time. */
  unanswered: CommandType | null;
  /** What the host remarked when it took the last command. */
  remark: Coded | null;
  /** The concurrency a person asked for, until the host says it is in force. */
  wantedConcurrency: number | null;
  /** The mode a person asked for, until the host has answered. */
  wantedMode: Mode | null;
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
  /** The mode in force cancels a pending switch. */
  setMode(mode: Mode): void;
  /** What is selected in the list of available units; `all` = everything that its filter lets through. */
  add(place: 'top' | 'bottom', all?: boolean): void;
  /** What is selected in the queue. */
  move(to: Direction): void;
  remove(): void;
  clearQueue(): void;
}

export type Direction = 'up' | 'down' | 'top' | 'bottom';

/** Whether the host would take a command now. */
export function canAct(state: PanelState): boolean {
  return state.header !== null && state.header.blocked === null && state.link.kind === 'live';
}

export function isComplete(header: TaskHeader): boolean {
  return header.units > 0 && header.counts.completed === header.units;
}
