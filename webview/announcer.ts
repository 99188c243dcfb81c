/** What those hear who do not see the panel: one polite live region, and the progress at most once a second. */
import type { Coded, Mode } from '../src/core/model.ts';
import type { CommandType } from '../src/protocol/panel.ts';
import { standingOf } from '../src/wording/standing.ts';
import type { Shown } from './filter.ts';
import type { QueueEdit } from './queue-edits.ts';
import type { PanelState } from './state.ts';

export interface Announcer {
  /** The live region's text. */
  text(): string;
  say(text: string): void;
  remarked(message: Coded | null): void;
  refused(command: CommandType, message: Coded | null): void;
  unanswered(command: CommandType): void;
  /** The queue was edited as asked; says where things stand now. */
  edited(edit: QueueEdit, queue: Shown): void;
  /** How many units the filter shows. */
  shown(): void;
  /** A change of the task's state, once. @returns whether there was one */
  taskState(): boolean;
  progress(): void;
}

export function createAnnouncer(state: PanelState): Announcer {
  let text = '';
  let announced = '';
  let mode: Mode | null = null;

  function progress(): void {
    const { header, words } = state;
    if (header === null) return;
    const { format, strings } = words;
    const said = strings.progressText(
      format.percent(header.percent),
      format.count(header.counts.completed),
      format.count(header.units),
    );
    state.spoken = { percent: Math.floor(header.percent), text: said };
  }

  function positions(units: readonly number[], queue: Shown): string {
    const { strings, format } = state.words;
    const found = units.map((index) => queue.positionOf(index) + 1).filter((position) => position > 0);
    const [first] = units;
    if (found.length === 0 || first === undefined) return '';
    const who =
      units.length === 1
        ? (state.units?.name(first) ?? '')
        : strings.unitCount(units.length, format.count(units.length));
    const lowest = found.reduce((least, position) => Math.min(least, position));
    const highest = found.reduce((most, position) => Math.max(most, position));
    const to = highest === lowest ? null : format.count(highest);
    return strings.movedTo(who, format.count(lowest), to, format.count(queue.length));
  }

  return {
    text: () => text,
    say(next) {
      text = next;
    },
    remarked(message) {
      if (message !== null) text = state.words.word(message);
    },
    refused(command, message) {
      const { strings } = state.words;
      text = `${strings.refused(strings.command[command])}. ${message === null ? '' : state.words.word(message)}`;
    },
    unanswered(command) {
      const { strings } = state.words;
      text = `${strings.unanswered(strings.command[command])}. ${strings.unansweredDetail}`;
    },
    edited(edit, queue) {
      const { strings, format } = state.words;
      const count = 'units' in edit ? edit.units.length : 0;
      switch (edit.kind) {
        case 'add':
          text = strings.added(count, format.count(count));
          return;
        case 'remove':
          text = strings.removed(count, format.count(count));
          return;
        case 'clear':
          text = strings.cleared;
          return;
        case 'jump':
        case 'step': {
          const where = positions(edit.units, queue);
          if (where !== '') text = where;
        }
      }
    },
    shown() {
      const { strings, format } = state.words;
      text = strings.shownCount(state.shownCount, format.count(state.shownCount));
    },
    taskState() {
      const { header, words } = state;
      if (header === null) return false;
      const standing = standingOf(header);
      const now = `${standing} ${header.mode} ${header.switchingTo}`;
      const changed = announced !== '' && now !== announced;
      if (changed) {
        const { strings, format } = words;
        const { running } = header.counts;
        if (header.switchingTo !== null) {
          text = strings.switching(strings.mode[header.switchingTo], running, format.count(running));
        } else if (header.mode !== mode) text = strings.modeInForce(strings.mode[header.mode]);
        else text = words.standing(standing);
        progress();
      }
      announced = now;
      mode = header.mode;
      return changed;
    },
    progress,
  };
}
