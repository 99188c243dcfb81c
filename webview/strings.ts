/** The panel's own words in both languages. Reasons and errors come as codes and are worded by src/wording. */
import type { Mode, UnitStatus } from '../src/core/model.ts';
import type { CommandType } from '../src/protocol/panel.ts';
import type { Standing } from '../src/wording/standing.ts';
import type { Rough } from './format.ts';
import { zh } from './strings-zh.ts';

/** Arguments named `n` are numbers as text, ready to show. */
export interface Strings {
  readonly status: Readonly<Record<UnitStatus, string>>;
  readonly total: string;
  /** What stands behind the word for how the task stands. */
  readonly standingHint: Readonly<Partial<Record<Standing, string>>>;
  readonly environment: Readonly<Record<'development' | 'staging' | 'production', string>>;
  readonly mode: Readonly<Record<Mode, string>>;
  readonly modeLabel: string;
  readonly modeInForce: (mode: string) => string;
  readonly noModeNow: (reason: string) => string;
  readonly command: Readonly<Record<CommandType, string>>;
  readonly retryCount: (n: string) => string;
  readonly more: string;
  readonly byRows: string;
  readonly byUnits: string;
  readonly unitsOf: (done: string, all: string) => string;
  readonly rowsOf: (done: string, all: string) => string;
  readonly rows: (count: number, n: string) => string;
  readonly pair: (done: string, all: string) => string;
  readonly empty: string;
  readonly rowsPerSecond: (n: string) => string;
  readonly running: (n: string) => string;
  readonly atMost: string;
  readonly fewer: string;
  readonly moreUnits: string;
  readonly slowSide: Readonly<Record<'source' | 'target' | 'limits', string>>;
  readonly timeLeft: (left: Rough) => string;
  readonly estimating: string;
  readonly unitLeft: (clock: string) => string;
  readonly took: (duration: string) => string;
  readonly progressLabel: string;
  readonly progressText: (percent: string, done: string, all: string) => string;
  readonly chartLabel: (span: string, now: string, highest: string) => string;
  readonly chartSpan: (seconds: number) => string;
  readonly failed: (count: number, n: string) => string;
  readonly rejected: (count: number, n: string) => string;
  readonly cause: (cause: string, n: string) => string;
  readonly moreCauses: (count: number, n: string) => string;
  readonly show: string;
  readonly dismiss: string;
  readonly switching: (mode: string, count: number, n: string) => string;
  readonly switchingDetail: Readonly<Record<Mode, string>>;
  readonly cancelSwitch: string;
  readonly showRunning: (n: string) => string;
  readonly queued: (n: string) => string;
  readonly stale: (n: string) => string;
  readonly lost: string;
  readonly lostDetail: (n: string) => string;
  readonly tryNow: string;
  readonly mismatch: string;
  readonly waiting: string;
  readonly filterLabel: string;
  readonly filterPlaceholder: string;
  readonly filtersLabel: string;
  readonly shownCount: (count: number, n: string) => string;
  readonly listLabel: Readonly<Record<'units' | 'available' | 'pinned' | 'queue', string>>;
  readonly noMatch: string;
  readonly noAvailable: string;
  readonly matchElsewhere: (count: number, n: string) => string;
  readonly noMatchText: (text: string) => string;
  readonly noMatchStatus: (status: string) => string;
  readonly clearFilter: string;
  readonly emptyTitle: string;
  readonly emptyDetail: (source: string, target: string, n: string) => string;
  readonly emptyDetailManual: (source: string) => string;
  readonly available: string;
  readonly availableOf: (n: string, all: string) => string;
  readonly filterAvailable: string;
  readonly noneLeft: string;
  readonly runningAbove: string;
  readonly add: (n: string) => string;
  readonly addNone: string;
  readonly addAll: (n: string) => string;
  readonly addAllNone: string;
  readonly addTop: string;
  readonly addTopHint: string;
  readonly runAgainCount: (n: string) => string;
  readonly selectToAdd: string;
  readonly selected: (n: string) => string;
  readonly queue: string;
  readonly runningCount: (n: string) => string;
  readonly retrying: (n: string) => string;
  readonly waitingCount: (n: string) => string;
  readonly clear: string;
  readonly queueEmpty: string;
  readonly queueEmptyIdle: string;
  readonly queueEmptyRunning: string;
  readonly addAllUnits: (count: number, n: string) => string;
  readonly queueKeys: string;
  readonly moveTo: Readonly<Record<'up' | 'down' | 'top' | 'bottom', string>>;
  readonly queueTools: string;
  readonly remove: string;
  readonly removeCount: (n: string) => string;
  readonly added: (count: number, n: string) => string;
  readonly removed: (count: number, n: string) => string;
  readonly cleared: string;
  /** `to` null = one position. */
  readonly movedTo: (who: string, from: string, to: string | null, all: string) => string;
  readonly connections: (count: number, n: string) => string;
  readonly unitCount: (count: number, n: string) => string;
  readonly unitsSelected: (count: number, n: string) => string;
  /** A button for some of the selected units. */
  readonly some: (verb: string, n: string) => string;
  readonly details: string;
  readonly hideDetails: string;
  readonly detailsHint: Readonly<Record<Mode, string>>;
  readonly detailsOf: (name: string) => string;
  readonly retryOne: string;
  readonly field: Readonly<
    Record<'status' | 'processed' | 'percent' | 'rate' | 'left' | 'duration' | 'reason' | 'detail', string>
  >;
  readonly refused: (command: string) => string;
  readonly unanswered: (command: string) => string;
  readonly unansweredDetail: string;
}

const plural = (count: number, one: string, other: string): string => (count === 1 ? one : other);

const en: Strings = {
  status: { pending: 'Pending', running: 'Running', completed: 'Completed', failed: 'Failed', paused: 'Paused' },
  total: 'Total',
  standingHint: {
    planning: ': reading the list of units',
    waitsForUnits: ': add some to the queue',
    pausing: ': running units stop at their next batch',
    stopping: ': running units stop at their next batch',
  },
  environment: { development: 'Development', staging: 'Staging', production: 'Production' },
  mode: { auto: 'Auto', manual: 'Manual' },
  modeLabel: 'Mode',
  modeInForce: (mode) => `${mode} mode is in force`,
  noModeNow: (reason) => `The mode cannot be changed now. ${reason}`,
  command: {
    start: 'Start',
    pause: 'Pause',
    resume: 'Resume',
    stop: 'Stop',
    runAgain: 'Run again',
    retryFailed: 'Retry failed',
    retryRejected: 'Retry rejected rows',
    openRejected: 'Open rejected rows',
    setConcurrency: 'Units at a time',
    reset: 'Reset progress',
    setMode: 'Switch of the mode',
    queueAdd: 'Add to the queue',
    queueRemove: 'Remove from the queue',
    queueClear: 'Clear the queue',
    queueMove: 'Move in the queue',
    abort: 'Abort',
    restart: 'Restart',
    syncNow: 'Sync now',
    takeOver: 'Take over',
    copyReport: 'Copy run report',
    openConfig: 'Open configuration',
    openLog: 'Show log',
    showUnitDetails: 'Show details',
    plan: 'Plan',
  },
  retryCount: (n) => `Retry ${n} failed`,
  more: 'More actions',
  byRows: 'of rows',
  byUnits: 'of units',
  unitsOf: (done, all) => `${done} of ${all} units`,
  rowsOf: (done, all) => `${done} of ${all} rows`,
  rows: (count, n) => `${n} ${plural(count, 'row', 'rows')}`,
  pair: (done, all) => `${done} / ${all}`,
  empty: 'empty',
  rowsPerSecond: (n) => `${n} rows/s`,
  running: (n) => `${n} running, at most`,
  atMost: 'Units at a time',
  fewer: 'Run one unit fewer at a time',
  moreUnits: 'Run one unit more at a time',
  slowSide: {
    source: 'reading is the slow side',
    target: 'writing is the slow side',
    limits: 'held back by the limits of this task',
  },
  timeLeft(left) {
    if (left.unit === 'moment') return 'a few seconds left';
    const names = { second: 's', minute: 'min', hour: 'h', day: plural(left.value, 'day', 'days') };
    return `about ${left.value} ${names[left.unit]} left`;
  },
  estimating: 'estimating the time left',
  unitLeft: (clock) => `${clock} left`,
  took: (duration) => `took ${duration}`,
  progressLabel: 'Progress of the task',
  progressText: (percent, done, all) => `${percent}, ${done} of ${all} units completed`,
  chartLabel: (span, now, highest) => `Rows per second, ${span}: now ${now}, highest ${highest}`,
  chartSpan: (seconds) => (seconds < 60 ? `last ${seconds} s` : `last ${seconds / 60} min`),
  failed: (count, n) => `${n} ${plural(count, 'unit', 'units')} failed`,
  rejected: (count, n) => `${n} ${plural(count, 'row was', 'rows were')} rejected and set aside`,
  cause: (cause, n) => `${cause} (${n})`,
  moreCauses: (count, n) => `${n} more ${plural(count, 'cause', 'causes')}`,
  show: 'Show',
  dismiss: 'Dismiss',
  switching: (mode, count, n) => `Switching to ${mode}: ${n} ${plural(count, 'unit', 'units')} still running`,
  switchingDetail: {
    auto: 'Nothing new starts until then. After that all unfinished units are scheduled automatically.',
    manual: 'Nothing new starts until then. The queue will be empty.',
  },
  cancelSwitch: 'Cancel switch',
  showRunning: (n) => `Show the ${n}`,
  queued: (n) => `${n} waiting in the queue`,
  stale: (n) => `no update for ${n} s`,
  lost: 'Connection lost',
  lostDetail: (n) => `The extension does not answer; what you see may be out of date. Trying again in ${n} s.`,
  tryNow: 'Try now',
  mismatch: 'This view is of another version than the extension. Close it and open it again, please.',
  waiting: 'Waiting for the task',
  filterLabel: 'Filter units by name',
  filterPlaceholder: 'Filter units',
  filtersLabel: 'Filter units by status',
  shownCount: (count, n) => `${n} ${plural(count, 'unit', 'units')} shown`,
  listLabel: { units: 'Units', available: 'Available units', pinned: 'Running units', queue: 'Queue' },
  noMatch: 'No unit matches',
  noAvailable: 'No available unit matches',
  matchElsewhere: (count, n) =>
    count === 1
      ? 'The one that matches runs, waits in the queue or is completed.'
      : `The ${n} that match run, wait in the queue or are completed.`,
  noMatchText: (text) => `No name contains “${text}”.`,
  noMatchStatus: (status) => `None is ${status.toLowerCase()} now.`,
  clearFilter: 'Show all units',
  emptyTitle: 'No units yet',
  emptyDetail: (source, target, n) =>
    `Start reads the list of tables from ${source}, makes one unit of each and copies them to ${target}, ${n} at a time. Plan shows what it would do, without copying anything.`,
  emptyDetailManual: (source) =>
    `Start reads the list of tables from ${source} and makes one unit of each. In manual mode nothing runs until you add units to the queue. Plan shows what it would do, without copying anything.`,
  available: 'Available',
  availableOf: (n, all) => `${n} of ${all}`,
  filterAvailable: 'Filter',
  noneLeft: 'Nothing left to add: every unit is completed, running or queued.',
  runningAbove: 'Running units stand above the queue.',
  add: (n) => `Add ${n}`,
  addNone: 'Add',
  addAll: (n) => `Add all ${n}`,
  addAllNone: 'Add all',
  addTop: 'Add at the top',
  addTopHint: 'Add at the top of the queue (Shift+Enter)',
  runAgainCount: (n) => `Run ${n} again`,
  selectToAdd: 'Select units to add',
  selected: (n) => `${n} selected`,
  queue: 'Queue',
  runningCount: (n) => `${n} running`,
  retrying: (n) => `${n} waiting to retry`,
  waitingCount: (n) => `${n} waiting`,
  clear: 'Clear',
  queueEmpty: 'The queue is empty',
  queueEmptyIdle: 'Add units in the order in which they should run. After Start they run as soon as there is room.',
  queueEmptyRunning: 'Add units: they start as soon as there is room.',
  addAllUnits: (count, n) => (count === 1 ? 'Add the unit' : `Add all ${n} units`),
  queueKeys: 'Alt+↑ ↓ moves · Delete removes',
  moveTo: {
    up: 'Move up (Alt+↑)',
    down: 'Move down (Alt+↓)',
    top: 'Move to the top (Alt+Home)',
    bottom: 'Move to the bottom (Alt+End)',
  },
  queueTools: 'Order of the queue',
  remove: 'Remove',
  removeCount: (n) => `Remove ${n}`,
  added: (count, n) => `${n} ${plural(count, 'unit', 'units')} added to the queue`,
  removed: (count, n) => `${n} ${plural(count, 'unit', 'units')} removed from the queue`,
  cleared: 'The queue was cleared',
  movedTo: (who, from, to, all) =>
    to === null ? `${who}: position ${from} of ${all}` : `${who}: positions ${from} to ${to} of ${all}`,
  connections: (count, n) => `${n} network ${plural(count, 'connection', 'connections')} open`,
  unitCount: (count, n) => `${n} ${plural(count, 'unit', 'units')}`,
  unitsSelected: (count, n) => `${n} ${plural(count, 'unit', 'units')} selected`,
  some: (verb, n) => `${verb} ${n}`,
  details: 'Details',
  hideDetails: 'Hide details',
  detailsHint: {
    auto: '↑ ↓ select a unit, Enter shows its details',
    manual: '↑ ↓ select a unit, Enter adds it to the queue',
  },
  detailsOf: (name) => `Details of ${name}`,
  retryOne: 'Retry',
  field: {
    status: 'Status',
    processed: 'Rows',
    percent: 'Percent',
    rate: 'Rate',
    left: 'Time left',
    duration: 'Duration',
    reason: 'Reason',
    detail: 'Message',
  },
  refused: (command) => `${command} was refused`,
  unanswered: (command) => `${command}: no answer`,
  unansweredDetail: 'If the editor asks you something, answer it there. Else look at the task and try again.',
};

/** @param locale as the editor names it (`en`, `zh-cn` ..); everything but Chinese is worded in English */
export function stringsOf(locale: string): Strings {
  return locale.toLowerCase().startsWith('zh') ? zh : en;
}
