/** The panel: takes messages in, keeps what is looked at, and draws once per animation frame. */
import { html, render, type TemplateResult } from 'lit/html.js';
import type { CommandArgs, CommandType } from '../src/protocol/panel.ts';
import { type Connection, createConnection, type Delta, type Snapshot } from './connection.ts';
import type { Editor } from './editor.ts';
import { type Shown, sameShown, shownBy } from './filter.ts';
import { createUnitList } from './list/unit-list.ts';
import { alerts, callouts } from './parts/callouts.ts';
import { CHART_SAMPLES } from './parts/chart.ts';
import { details } from './parts/details.ts';
import { header } from './parts/header.ts';
import { message } from './parts/messages.ts';
import { overview } from './parts/overview.ts';
import { toolbar } from './parts/toolbar.ts';
import type { Actions, PanelState } from './state.ts';
import { applyNumbers, unitsOf } from './units.ts';
import { createWords } from './words.ts';

/** Below this width (CSS px) rows have two lines; panel.css uses the same figures. */
const NARROW = '(max-width: 619px)';
const ROW_HEIGHT = { wide: 30, narrow: 48 } as const;
/** Under a filter rows leave and come at this pace, and not while a hand moves over them. */
const REFILTER_MS = 1_000;
const HAND_RESTS_MS = 2_000;

export interface Identity {
  readonly taskId: string;
  readonly folderUri: string;
  readonly locale: string;
}

/** Draws the panel into `root` and says `ready` once something can be seen. */
export function startPanel(root: HTMLElement, editor: Editor, identity: Identity): void {
  const kept = editor.kept();
  const state: PanelState = {
    words: createWords(identity.locale),
    header: null,
    units: null,
    samples: [],
    filter: { status: kept.status ?? null, text: kept.text ?? '' },
    shownCount: 0,
    selected: -1,
    detailsOpen: false,
    menuOpen: false,
    link: { kind: 'waiting' },
    silentForS: 0,
    refusal: null,
    remark: null,
    wantedConcurrency: null,
    spoken: { percent: 0, text: '' },
  };
  let shown: Shown = { length: 0, at: () => -1, positionOf: () => -1 };
  let updatedAt = 0;
  let refilteredAt = 0;
  let announced = '';
  let announcement = '';
  let frame = 0;

  const list = createUnitList({
    selected(index) {
      state.selected = index;
      list.select(index);
      schedule();
    },
    opened(index) {
      const same = index === state.selected && state.detailsOpen;
      state.selected = index;
      list.select(index);
      state.detailsOpen = !same;
      schedule();
      requestAnimationFrame(() => list.scrollTo(index));
    },
    dismissed() {
      if (state.detailsOpen) state.detailsOpen = false;
      else {
        state.selected = -1;
        list.select(-1);
      }
      schedule();
    },
    needsFlush: schedule,
  });

  const connection: Connection = createConnection((message) => editor.post(message), {
    snapshot: onSnapshot,
    delta: onDelta,
    answered(command, ok, message) {
      if (ok) {
        state.remark = message;
        if (message !== null) announcement = state.words.word(message);
      } else {
        const { strings } = state.words;
        state.refusal = { command, message };
        announcement = `${strings.refused(strings.command[command])}. ${message === null ? '' : state.words.word(message)}`;
      }
      if (command === 'setConcurrency') state.wantedConcurrency = null;
      schedule();
    },
    linkChanged(link) {
      if (link.kind === 'lost' && state.link.kind !== 'lost') announcement = state.words.strings.lost;
      state.link = link;
      schedule();
    },
  });

  const actions: Actions = {
    send(command: CommandType, args: CommandArgs = {}) {
      // A double click asks once; only the number of units at a time may be asked for again.
      if (command !== 'setConcurrency' && connection.pending(command)) return;
      state.refusal = null;
      state.remark = null;
      connection.send(command, args);
      schedule();
    },
    pending: (command) => connection.pending(command),
    setConcurrency(value) {
      state.wantedConcurrency = value;
      actions.send('setConcurrency', { concurrency: value });
    },
    filterStatus: (status) => setFilter({ ...state.filter, status }),
    filterText: (text) => setFilter({ ...state.filter, text }),
    clearFilter: () => setFilter({ status: null, text: '' }),
    focusList: () => list.element.focus(),
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
      schedule();
    },
  };

  function onSnapshot(snapshot: Snapshot): void {
    const selectedName = state.selected === -1 ? null : state.units?.name(state.selected);
    if (snapshot.locale !== state.words.locale) {
      state.words = createWords(snapshot.locale);
      document.documentElement.lang = state.words.locale;
    }
    state.header = snapshot.header;
    state.units = unitsOf(snapshot.units, snapshot.running);
    state.samples = snapshot.samples.slice(-CHART_SAMPLES);
    state.wantedConcurrency = null;
    state.selected = -1;
    if (selectedName != null) {
      const { units } = state;
      for (let index = 0; index < units.count; index += 1)
        if (units.name(index) === selectedName) state.selected = index;
    }
    list.select(state.selected);
    updatedAt = performance.now();
    speak();
    refilter(true);
  }

  function onDelta(delta: Delta): void {
    const { units } = state;
    if (units === null) return;
    state.header = delta.header;
    applyNumbers(units, delta.units, list.touch);
    for (const [index, reason] of delta.reasons) {
      if (reason === null) units.reasons.delete(index);
      else units.reasons.set(index, reason);
      list.touch(index);
    }
    if (delta.sample !== null) state.samples = [...state.samples.slice(1 - CHART_SAMPLES), delta.sample];
    if (state.wantedConcurrency === delta.header.concurrency) state.wantedConcurrency = null;
    updatedAt = performance.now();
    state.silentForS = 0;
    announce();
    schedule();
  }

  function setFilter(filter: PanelState['filter']): void {
    state.filter = filter;
    keep();
    refilter(false);
    list.element.scrollTop = 0;
    announcement = state.words.strings.shownCount(shown.length, state.words.format.count(shown.length));
  }

  /** @param always show the list anew even when the same units are in it */
  function refilter(always: boolean): void {
    const { units } = state;
    if (units === null) return;
    refilteredAt = performance.now();
    const next = shownBy(units, state.filter);
    schedule();
    if (!always && sameShown(next, shown)) return;
    shown = next;
    state.shownCount = shown.length;
    list.show(units, shown, state.words);
  }

  function keep(): void {
    editor.keep({ taskId: identity.taskId, folderUri: identity.folderUri, ...state.filter });
  }

  /** Says a change of the task's state once. */
  function announce(): void {
    const { header, words } = state;
    if (header === null) return;
    const now = `${header.runState} ${header.outcome}`;
    if (announced !== '' && now !== announced) {
      const { strings } = words;
      const ended = header.runState === 'idle' && header.outcome !== null;
      announcement = ended ? strings.outcome[header.outcome] : strings.runState[header.runState];
      speak();
    }
    announced = now;
  }

  function speak(): void {
    const { header, words } = state;
    if (header === null) return;
    const { format, strings } = words;
    const text = strings.progressText(
      format.percent(header.percent),
      format.count(header.counts.completed),
      format.count(header.units),
    );
    state.spoken = { percent: Math.floor(header.percent), text };
  }

  function tick(): void {
    const now = performance.now();
    connection.tick(now);
    state.silentForS = Math.floor((now - updatedAt) / 1000);
    speak();
    const rests = now - list.touchedAt() > HAND_RESTS_MS;
    if (state.filter.status !== null && rests && now - refilteredAt >= REFILTER_MS) refilter(false);
    schedule();
  }

  function template(): TemplateResult {
    const empty = state.header === null || state.header.units === 0 || state.shownCount === 0;
    list.element.hidden = empty;
    return html`<main class="panel" data-link=${state.link.kind}>
      ${header(state, actions)} ${alerts(state, actions)} ${overview(state, actions)} ${callouts(state, actions)}
      ${toolbar(state, actions)}
      <div class="body" data-empty=${String(state.header === null || state.header.units === 0)}>${list.element}${message(state, actions)}</div>
      ${details(state, actions)}
      <div class="spoken" role="status">${announcement}</div>
    </main>`;
  }

  function draw(): void {
    render(template(), root);
    list.flush();
  }

  function schedule(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  const narrow = matchMedia(NARROW);
  const fitRows = (): void => list.setRowHeight(narrow.matches ? ROW_HEIGHT.narrow : ROW_HEIGHT.wide);
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
