/** A copy in a process of its own that is killed, as a host would see it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Prepared } from '../../src/core/model.ts';

/** What the host has recorded. */
export interface State {
  checkpoint: string | null;
  prepared: Prepared | null;
  completed: boolean;
}

/** Runs the child until it has said so many lines, then kills it. What it said before is what the host has recorded. */
export async function execute(order: object, state: State, lines: number): Promise<void> {
  const script = fileURLToPath(new URL('files-kill-child.ts', import.meta.url));
  const argument = JSON.stringify({ ...order, checkpoint: state.checkpoint, prepared: state.prepared });
  const child = spawn(process.execPath, [script, argument], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  let left = lines;
  for await (const line of createInterface({ input: child.stdout })) {
    // A host that dies records nothing more, whatever its worker still says.
    if (left-- <= 0) continue;
    const said = JSON.parse(line) as { prepared?: Prepared; checkpoint?: string; outcome?: { kind: string } };
    state.prepared = said.prepared ?? state.prepared;
    state.checkpoint = said.checkpoint ?? state.checkpoint;
    if (said.outcome) {
      assert.equal(said.outcome.kind, 'completed', line);
      state.completed = true;
    }
    if (left <= 0) child.kill('SIGKILL');
  }
  await exit;
}
