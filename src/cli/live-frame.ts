/** A block of lines at the end of a terminal that is drawn again and again; other lines go above it. */
import type { UnitRow } from '../core/model.ts';
import { escapeControls } from '../host/logger.ts';
import type { TaskHeader } from '../protocol/panel.ts';
import type { CliHost, Voice } from './host.ts';
import { progressFrame } from './progress-frame.ts';

export interface LiveFrame {
  /** Whether there is a terminal to draw on. */
  readonly live: boolean;
  /** @param queued units that wait in the queue */
  draw(header: TaskHeader, running: readonly UnitRow[], queued: number): void;
  /** A line for people; with JSON lines nothing. */
  above(text: string): void;
  end(): void;
}

export function createLiveFrame(host: CliHost, voice: Voice): LiveFrame {
  const terminal = voice.structured ? null : host.terminal;
  let shown = 0;
  let last: string[] = [];

  function clear(): string {
    return shown === 0 ? '' : `\u001b[${shown}A\u001b[J`;
  }

  function put(lines: readonly string[], before = ''): void {
    host.err(`${clear()}${before}${lines.map((line) => `${line}\n`).join('')}`);
    shown = lines.length;
  }

  return {
    live: terminal !== null,
    draw(header, running, queued) {
      if (terminal === null) return;
      const { columns, rows } = terminal();
      last = progressFrame(header, running.slice(0, Math.max(0, rows - 4)), columns, voice, queued);
      put(last);
    },
    above(text) {
      if (terminal === null) voice.say(text);
      else put(last, `${escapeControls(text)}\n`);
    },
    end() {
      shown = 0;
      last = [];
    },
  };
}
