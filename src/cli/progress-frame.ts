/** What a terminal shows while a task runs: its state, an overall bar, and a bar for each running unit. */
import type { UnitRow } from '../core/model.ts';
import { escapeControls } from '../host/logger.ts';
import type { TaskHeader } from '../protocol/panel.ts';
import { standingOf, standingWord } from '../wording/standing.ts';
import { bar, cells, clock, column, fit, grouped, wholePercent } from './figures.ts';
import type { Voice } from './host.ts';

type RunningUnit = Pick<UnitRow, 'name' | 'processed' | 'total'>;

const BAR = 24;
const SHORTEST_BAR = 8;
const NAME = 28;

/** Lines without line feeds, none longer than `columns`. `running` are the first of the running units, `queued` waits. */
export function progressFrame(
  header: TaskHeader,
  running: readonly RunningUnit[],
  columns: number,
  voice: Pick<Voice, 'word'>,
  queued = 0,
): string[] {
  const lines = [stateLine(header, queued, voice), overallLine(header, columns, voice), ...running.map(unitLine)];
  const hidden = header.counts.running - running.length;
  if (hidden > 0) lines.push(`  ${voice.word('cli.moreRunning', { count: hidden })}`);
  return lines.map((line) => fit(line, columns - 1));
}

function stateLine(header: TaskHeader, queued: number, voice: Pick<Voice, 'word'>): string {
  const state = stateText(header, queued, voice);
  const { completed, failed } = header.counts;
  const units = voice.word('cli.unitsDone', { completed, units: header.units, failed });
  return `${escapeControls(header.name)}: ${state} - ${units}`;
}

function stateText(header: TaskHeader, queued: number, voice: Pick<Voice, 'word'>): string {
  const state = voice.word(standingWord(standingOf(header)).code);
  if (header.planning || header.runState !== 'running') return state;
  if (header.switchingTo !== null) return switchingText(header, voice);
  return header.mode === 'auto' ? state : voice.word('cli.runningManually', { state, queued });
}

/** "Switching to manual mode: 4 units still running." */
export function switchingText({ switchingTo, counts }: TaskHeader, voice: Pick<Voice, 'word'>): string {
  return voice.word('cli.switching', { mode: voice.word(`cli.mode.${switchingTo}`), units: counts.running });
}

/** `[####....] 38 %  570,000 / 1,500,000 rows  16,400 rows/s  1:02 left`, the bar as long as there is room. */
export function overallLine(header: TaskHeader, columns: number, voice: Pick<Voice, 'word'>): string {
  const total = header.rowsTotal === null ? '?' : grouped(header.rowsTotal);
  const parts = [
    wholePercent(header.percent),
    voice.word('cli.rows', { done: grouped(header.rowsProcessed), total }),
    voice.word('cli.rate', { rows: grouped(header.rowsPerSecond) }),
  ];
  if (header.timeLeftMs !== null) parts.push(voice.word('cli.timeLeft', { time: clock(header.timeLeftMs) }));
  const figures = parts.join('  ');
  const room = columns - cells(figures) - 4;
  return `${bar(header.percent, Math.min(BAR, Math.max(SHORTEST_BAR, room)))} ${figures}`;
}

function unitLine(unit: RunningUnit): string {
  const name = column(escapeControls(unit.name), NAME);
  if (unit.total === null) return `  ${name} ${' '.repeat(BAR + 2 + 1 + 5)}  ${grouped(unit.processed)}`;
  const percent = unit.total === 0 ? 0 : Math.min(99, (unit.processed / unit.total) * 100);
  const figures = `${grouped(unit.processed)} / ${grouped(unit.total)}`;
  return `  ${name} ${bar(percent, BAR)} ${wholePercent(percent).padStart(5)}  ${figures}`;
}
