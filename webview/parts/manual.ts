/** Manual mode: what can be added, and the queue. */
import { html, nothing, type TemplateResult } from 'lit/html.js';
import { cssValues } from '../css-values.ts';
import { DRAWINGS, icon } from '../icons.ts';
import type { UnitList } from '../list/unit-list.ts';
import type { ListKind } from '../list/unit-row.ts';
import type { Places } from '../places.ts';
import { type Actions, canAct, type Direction, type PanelState } from '../state.ts';
import { noMatch } from './messages.ts';
import { filterField } from './toolbar.ts';

type ListsByKind = Readonly<Record<ListKind, UnitList>>;

export function manualBody(state: PanelState, actions: Actions, lists: ListsByKind): TemplateResult | typeof nothing {
  const { places } = state;
  if (places === null) return nothing;
  return html`<div class="manual">
    ${availableColumn(state, actions, lists.available, places)} ${queueColumn(state, actions, lists, places)}
  </div>`;
}

/** While a switch is pending the queue is as good as gone: nobody may edit it. */
function canEdit(state: PanelState): boolean {
  return canAct(state) && state.header?.switchingTo === null && !state.header.planning;
}

function availableColumn(state: PanelState, actions: Actions, list: UnitList, places: Places): TemplateResult {
  const { words, shownCount, filter, addable } = state;
  const { strings, format } = words;
  const filtered = filter.status !== null || filter.text.trim() !== '';
  const unfinished = format.count(places.unfinished);
  const all = format.count(places.available.length);
  const nothingToAdd = places.available.length === 0;
  const count = filtered && filter.status !== 'completed' ? strings.availableOf(all, unfinished) : unfinished;
  const size = addable.length;
  const able = canEdit(state);
  const again = filter.status === 'completed';
  const verb = again ? strings.runAgainCount : strings.add;
  const none = again ? strings.command.runAgain : strings.addNone;
  list.element.hidden = shownCount === 0;
  return html`<section class="column" aria-labelledby="available-title">
    <div class="column-head">
      <h2 id="available-title">${strings.available}</h2>
      <span class="muted" data-testid="available-count">${count}</span>
      <span class="grow"></span>
      ${filterField(state, actions, strings.filterAvailable)}
    </div>
    <div class="column-body">${list.element}${shownCount === 0 ? nothingAvailable(state, actions) : nothing}</div>
    <div class="column-foot">
      ${tool('action-add', size === 0 ? none : verb(format.count(size)), !able || size === 0, () => actions.add('bottom'))}
      ${
        again
          ? nothing
          : tool('action-add-all', nothingToAdd ? strings.addAllNone : strings.addAll(all), !able || nothingToAdd, () =>
              actions.add('bottom', true),
            )
      }
      <button
        class="step"
        data-testid="action-add-top"
        aria-label=${strings.addTop}
        title=${strings.addTopHint}
        ?disabled=${!able || size === 0}
        @click=${() => actions.add('top')}
      >
        ${icon(DRAWINGS.top)}
      </button>
      <span class="grow"></span>
      <span class="muted foot-note">${size === 0 ? strings.selectToAdd : strings.selected(format.count(size))}</span>
    </div>
  </section>`;
}

function nothingAvailable(state: PanelState, actions: Actions): TemplateResult {
  const { filter, words, places } = state;
  const { strings } = words;
  if (filter.status === null && filter.text.trim() === '')
    return html`<p class="column-message muted" data-testid="none-left">${strings.noneLeft}</p>`;
  if (filter.status === 'running' && (places?.running ?? 0) > 0)
    return html`<div class="column-message">
      <p class="muted" data-testid="running-above">${strings.runningAbove}</p>
      ${tool('clear-filter', strings.clearFilter, false, () => actions.clearFilter())}
    </div>`;
  return noMatch(state, actions);
}

function queueColumn(state: PanelState, actions: Actions, lists: ListsByKind, places: Places): TemplateResult {
  const { words } = state;
  const { strings, format } = words;
  const able = canEdit(state);
  const { pinned, queue } = lists;
  const waiting = places.queue.length;
  const { size } = queue.selection;
  const chosen = size > 0 || queue.selection.active !== -1;
  const retrying = places.pinned.length - places.running;
  const counts = [
    strings.runningCount(format.count(places.running)),
    ...(retrying > 0 ? [strings.retrying(format.count(retrying))] : []),
    strings.waitingCount(format.count(waiting)),
  ];
  pinned.element.hidden = places.pinned.length === 0;
  queue.element.hidden = waiting === 0;
  const move = (to: Direction): TemplateResult => html`<button
    class="step"
    data-testid="queue-${to}"
    aria-label=${strings.moveTo[to]}
    title=${strings.moveTo[to]}
    ?disabled=${!able || !chosen || waiting === 0}
    @click=${() => actions.move(to)}
  >
    ${icon(DRAWINGS[to])}
  </button>`;
  return html`<section class="column" aria-labelledby="queue-title">
    <div class="column-head">
      <h2 id="queue-title">${strings.queue}</h2>
      <span class="muted" data-testid="queue-count">${counts.join(' · ')}</span>
      <span class="grow"></span>
      ${tool('queue-clear', strings.clear, !able || waiting === 0, () => actions.clearQueue())}
    </div>
    <div class="column-body">
      <div class="pinned" ?hidden=${places.pinned.length === 0} ${cssValues({ '--rows': String(places.pinned.length) })}>
        ${pinned.element}
      </div>
      ${queue.element}${waiting === 0 ? emptyQueue(state, actions) : nothing}
    </div>
    <div class="column-foot">
      <div class="stepper" role="group" aria-label=${strings.queueTools}>
        ${move('top')}${move('up')}${move('down')}${move('bottom')}
      </div>
      ${tool(
        'queue-remove',
        size > 1 ? strings.removeCount(format.count(size)) : strings.remove,
        !able || !chosen || waiting === 0,
        () => actions.remove(),
      )}
      <span class="grow"></span>
      <span class="muted foot-note">${strings.queueKeys}</span>
    </div>
  </section>`;
}

function emptyQueue(state: PanelState, actions: Actions): TemplateResult {
  const { words, header, places } = state;
  const { strings, format } = words;
  const runs = header?.runState === 'running';
  const all = places?.unfinished ?? 0;
  const filtered = state.filter.status !== null || state.filter.text.trim() !== '';
  return html`<div class="column-message" data-testid="queue-empty">
    <h3>${strings.queueEmpty}</h3>
    <p class="muted">${runs ? strings.queueEmptyRunning : strings.queueEmptyIdle}</p>
    ${
      all === 0 || filtered
        ? nothing
        : tool('queue-add-all', strings.addAllUnits(all, format.count(all)), !canEdit(state), () =>
            actions.add('bottom', true),
          )
    }
  </div>`;
}

function tool(testId: string, label: string, disabled: boolean, run: () => void): TemplateResult {
  return html`<dt-button appearance="secondary" data-testid=${testId} ?disabled=${disabled} @click=${run}>${label}</dt-button>`;
}
