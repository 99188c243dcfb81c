/** The mode switch: running units are drained, and only then the mode changes. */
import { coded } from './codes.ts';
import { accepted, type Draft, refused, setTask, type Verdict } from './draft.ts';
import type { Event } from './events.ts';
import { modeInForce } from './select.ts';
import { settle } from './settle.ts';

/** Asking for the mode in force cancels a pending switch; asking twice for the other one is one switch. */
export function decideSetMode(draft: Draft, event: Extract<Event, { type: 'setMode' }>): Verdict {
  const task = draft.state.tasks.get(event.taskId);
  if (!task) return refused('unknownTask', { task: event.taskId });
  const { mode, at } = event;
  if (mode !== 'auto' && mode !== 'manual') return refused('badMode', { value: String(mode) });
  const { switchingTo } = task.row;
  const running = task.byStatus.running.count;
  if (switchingTo === mode) return accepted(coded('alreadySwitching', { mode, units: running }));
  if (modeInForce(task) === mode) {
    if (switchingTo === null && task.row.mode === mode) return accepted(coded('alreadyInMode', { mode }));
    // A run may have a mode of its own: then the task's own one follows it.
    setTask(draft, task, { switchingTo: null, mode, updatedAt: at });
    settle(draft, task, at);
    return accepted(switchingTo === null ? coded('alreadyInMode', { mode }) : coded('switchCancelled', { mode }));
  }
  setTask(draft, task, { switchingTo: mode, updatedAt: at });
  settle(draft, task, at);
  return accepted(running > 0 ? coded('switching', { mode, units: running }) : coded('switched', { mode }));
}
