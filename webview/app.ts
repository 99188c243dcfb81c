/** The panel: takes messages in, keeps what is looked at, and draws once per animation frame. */
import { html, render, type TemplateResult } from 'lit/html.js';
import type { Coded } from '../src/core/model.ts';
import type { CommandArgs, CommandType } from '../src/protocol/panel.ts';
import { createAnnouncer } from './announcer.ts';
import { type Connection, createConnection, type Delta, type Snapshot } from './connection.ts';
import { createCountdown } from './countdown.ts';
import type { Editor } from './editor.ts';
import { createHostClock } from './host-clock.ts';
import type { UnitListHost } from './list/unit-list.ts';
import type { ListKind } from './list/unit-row.ts';
import { createLists } from './lists.ts';
import { alerts, callouts } from './parts/callouts.ts';
import { CHART_SAMPLES } from './parts/chart.ts';
import { details } from './parts/details.ts';
import { header } from './parts/header.ts';
import { manualBody } from './parts/manual.ts';
import { message } from './parts/messages.ts';
import { overview } from './parts/overview.ts';
import { toolbar } from './parts/toolbar.ts';
import { createQueueEdits, isQueueCommand } from './queue-edits.ts';
import type { Actions, Direction, PanelState } from './state.ts';
import { applyNumbers, applyQueue, applyReason, unitsOf } from './units.ts';
import { createWords, type Sentences } from './words.ts';

/** Below this width (CSS px) rows have two lines and lists stand above each other; panel.css uses the same figures. */
const NARROW = '(max-width: 619px)';

export interface Identity {
  readonly taskId: string;
  readonly folderUri: string;
  readonly locale: string;
  readonly sentences: Sentences;
}

/** Draws the panel into `root` and says `ready` once something can be seen. */
export function startPanel(root: HTMLElement, editor: Editor, identity: Identity): void {
  const kept = editor.kept();
  const clock = createHostClock();
  const state: PanelState = {
    words: createWords(identity.locale, identity.sentences),
    clock,
    header: null,
    units: null,
    samples: [],
    filter: { status: kept.status ?? null, text: kept.text ?? '' },
    shownCount: 0,
    places: null,
    addable: [],
    chosen: [],
    detailsOpen: false,
    menuOpen: false,
    link: { kind: 'waiting' },
    silentForS: 0,
    refusal: null,
    unanswered: null,
    remark: null,
    wantedConcurrency: null,
    wantedMode: null,
    spoken: { percent: 0, text: '' },
  };
  let updatedAt = 0;
  let frame = 0;

  const announcer = createAnnouncer(state);
  const lists = createLists(state, clock, listHost);
  const countdown = createCountdown(clock, schedule);

  const connection: Connection = createConnection((message) => editor.post(message), {
    snapshot: onSnapshot,
    delta: onDelta,
    answered(command, ok, message) {
      state.unanswered = null;
      if (ok) {
        remark(message);
        if (isQueueCommand(command)) {
          const edit = edits.taken();
          const { queue } = lists.of;
          if (edit !== null) announcer.edited(edit, queue.shown());
          if (edit?.kind === 'step' || edit?.kind === 'jump') queue.scrollTo(queue.selection.active);
        }
      } else {
        state.refusal = { command, message };
        announcer.refused(command, message);
        if (isQueueCommand(command)) edits.giveUp();
      }
      settle(command);
    },
    unanswered(command) {
      state.unanswered = command;
      announcer.unanswered(command);
      if (isQueueCommand(command)) edits.giveUp();
      settle(command);
    },
    linkChanged(link) {
      if (link.kind === 'lost' && state.link.kind !== 'lost') {
        announcer.say(state.words.strings.lost);
        edits.giveUp();
        state.wantedMode = null;
      }
      state.link = link;
      schedule();
    },
  });

  const edits = createQueueEdits({
    pending: (command) => connection.pending(command),
    queue: () => lists.of.queue.shown(),
    revision: () => state.header?.queueRev ?? 0,
    send,
  });

  const actions: Actions = {
    send(command: CommandType, args: CommandArgs = {}) {
      // A double click asks once; only the number of units at a time may be asked for again.
      if (command !== 'setConcurrency' && connection.pending(command)) return;
      send(command, args);
    },
    pending: (command) => connection.pending(command),
    setConcurrency(value) {
      state.wantedConcurrency = value;
      actions.send('setConcurrency', { concurrency: value });
    },
    filterStatus: (status) => setFilter({ ...state.filter, status }),
    filterText: (text) => setFilter({ ...state.filter, text }),
    clearFilter: () => setFilter({ status: null, text: '' }),
    focusList: () => (state.places === null ? lists.of.units : lists.of.available).element.focus(),
    toggleMenu() {
      state.menuOpen = !state.menuOpen;
      draw();
      if (state.menuOpen) root.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    },
    closeMenu() {
      if (!state.menuOpen) return;
      state.menuOpen = false;
      // Before the items go: removing the focused one would lose the focus, and end the frame's drawing half-way.
      const inside = root.querySelector('.menu')?.contains(document.activeElement) ?? false;
      if (inside) root.querySelector<HTMLElement>('.menu-button')?.focus();
      schedule();
    },
    toggleDetails() {
      state.detailsOpen = !state.detailsOpen;
      schedule();
    },
    tryNow: () => connection.retry(performance.now()),
    dismissRefusal() {
      state.refusal = null;
      state.unanswered = null;
      schedule();
    },
    setMode(mode) {
      if (connection.pending('setMode')) return;
      state.wantedMode = mode;
      actions.send('setMode', { mode });
    },
    add(place, all = false) {
      const now = lists.available();
      const chosen = all ? Array.from({ length: now.length }, (_, at) => now.at(at)) : targets('available');
      const units = chosen.filter((index) => now.positionOf(index) !== -1);
      if (chosen.length > 0 && units.length === 0) {
        lists.arrange(true);
        return remark({ code: 'view.startedMeanwhile', args: {} });
      }
      edits.ask({ kind: 'add', units, place, again: state.filter.status === 'completed' });
    },
    move(to) {
      const units = targets('queue');
      if (to === 'top' || to === 'bottom') edits.ask({ kind: 'jump', units, place: to });
      else edits.ask({ kind: 'step', units, by: to === 'up' ? -1 : 1 });
    },
    remove: () => edits.ask({ kind: 'remove', units: targets('queue') }),
    clearQueue: () => edits.ask({ kind: 'clear' }),
  };

  function send(command: CommandType, args: CommandArgs): boolean {
    state.refusal = null;
    state.unanswered = null;
    state.remark = null;
    schedule();
    return connection.send(command, args, performance.now());
  }

  function remark(message: Coded | null): void {
    state.remark = message;
    announcer.remarked(message);
    schedule();
  }

  /** What was remarked about a state is not true of the next one. */
  function followState(): void {
    if (announcer.taskState()) state.remark = null;
  }

  /** A command is over, one way or another. */
  function settle(command: CommandType): void {
    if (command === 'setConcurrency') state.wantedConcurrency = null;
    if (command === 'setMode') state.wantedMode = null;
    schedule();
  }

  /** What is selected, or where the keyboard stands. */
  function targets(kind: ListKind): readonly number[] {
    const { selection } = lists.of[kind];
    if (selection.size > 0) return selection.units();
    return selection.active === -1 ? [] : [selection.active];
  }

  function listHost(kind: ListKind): UnitListHost {
    return {
      selected() {
        lists.turnTo(kind);
        schedule();
      },
      opened(index) {
        const { selection } = lists.of[kind];
        if (kind === 'available') {
          if (!selection.has(index)) selection.only(index);
          actions.add('bottom');
          return;
        }
        const same = state.detailsOpen && state.chosen.length === 1 && state.chosen[0] === index;
        selection.only(index);
        lists.turnTo(kind);
        state.detailsOpen = !same;
        schedule();
        requestAnimationFrame(() => lists.of[kind].scrollTo(index));
      },
      dismissed() {
        if (state.detailsOpen) state.detailsOpen = false;
        else lists.of[kind].selection.clear();
        schedule();
      },
      key: (event) => ownKey(kind, event),
      needsFlush: schedule,
    };
  }

  function ownKey(kind: ListKind, event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey) return false;
    if (kind === 'available' && event.key === 'Enter' && event.shiftKey) {
      actions.add('top');
      return true;
    }
    if (kind !== 'queue') return false;
    if (!event.altKey) {
      if (event.key !== 'Delete' && event.key !== 'Backspace') return false;
      actions.remove();
      return true;
    }
    const moves: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', Home: 'top', End: 'bottom' };
    const to = moves[event.key];
    if (to !== undefined) actions.move(to);
    return to !== undefined;
  }

  function onSnapshot(snapshot: Snapshot): void {
    if (snapshot.locale !== state.words.locale) {
      state.words = createWords(snapshot.locale, identity.sentences);
      document.documentElement.lang = state.words.locale;
    }
    const units = unitsOf(snapshot.units, snapshot.running);
    lists.replan(state.units, units);
    edits.giveUp();
    clock.set(snapshot.header.now);
    state.header = snapshot.header;
    state.units = units;
    state.samples = snapshot.samples.slice(-CHART_SAMPLES);
    state.wantedConcurrency = null;
    updatedAt = performance.now();
    followState();
    announcer.progress();
    lists.arrange(true);
    schedule();
  }

  function onDelta(delta: Delta): void {
    const { units } = state;
    if (units === null) return;
    clock.set(delta.header.now);
    state.header = delta.header;
    applyNumbers(units, delta.units, lists.touch);
    for (const [index, reason] of delta.reasons) {
      applyReason(units, index, reason);
      lists.touch(index);
    }
    if (delta.queue !== null) applyQueue(units, delta.queue);
    if (delta.sample !== null) state.samples = [...state.samples.slice(1 - CHART_SAMPLES), delta.sample];
    if (state.wantedConcurrency === delta.header.concurrency) state.wantedConcurrency = null;
    updatedAt = performance.now();
    state.silentForS = 0;
    followState();
    lists.arrange(false);
    schedule();
  }

  function setFilter(filter: PanelState['filter']): void {
    state.filter = filter;
    keep();
    lists.arrange(true);
    const list = state.places === null ? lists.of.units : lists.of.available;
    list.element.scrollTop = 0;
    announcer.shown();
    schedule();
  }

  function keep(): void {
    editor.keep({ taskId: identity.taskId, folderUri: identity.folderUri, ...state.filter });
  }

  function tick(): void {
    const now = performance.now();
    connection.tick(now);
    state.silentForS = Math.floor((now - updatedAt) / 1000);
    announcer.progress();
    lists.tick(now);
    schedule();
  }

  function template(): TemplateResult {
    state.chosen = lists.current().selection.units();
    state.addable = lists.addable();
    const none = state.header === null || state.header.units === 0;
    const manual = !none && state.places !== null;
    lists.of.units.element.hidden = none || state.shownCount === 0;
    return html`<main class="panel" data-link=${state.link.kind} data-mode=${state.header?.mode ?? 'auto'}>
      ${header(state, actions)} ${alerts(state, actions)} ${overview(state, actions)} ${callouts(state, actions)}
      ${toolbar(state, actions)}
      ${
        manual
          ? manualBody(state, actions, lists.of)
          : html`<div class="body" data-empty=${String(none)}>${lists.of.units.element}${message(state, actions)}</div>`
      }
      ${details(state, actions)}
      <div class="spoken" role="status" data-testid="announcement">${announcer.text()}</div>
    </main>`;
  }

  function draw(): void {
    render(template(), root);
    lists.flush();
    countdown.follow(lists.dues());
  }

  function schedule(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  const narrow = matchMedia(NARROW);
  const fitRows = (): void => lists.setNarrow(narrow.matches);
  narrow.addEventListener('change', fitRows);
  fitRows();
  keep();
  draw();
  addEventListener('message', (event) => connection.receive(event.data, performance.now()));
  connection.open(performance.now());
  runWhileVisible(tick);
}

/** Runs `tick` once a second, and not at all while nobody can see it. */
function runWhileVisible(tick: () => void): void {
  let timer: ReturnType<typeof setInterval> | undefined;
  const follow = (): void => {
    clearInterval(timer);
    timer = document.visibilityState === 'visible' ? setInterval(tick, 1_000) : undefined;
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}
