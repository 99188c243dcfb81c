import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createState } from '../../../src/core/state.ts';
import { createOwnerService } from '../../../src/engine/owner-service.ts';
import { testClock, turn } from './fakes.ts';

/** An owner whose sync is under way, and one viewer that watches it. */
function watched() {
  const clock = testClock();
  let quiet = false;
  let leave: () => void = () => undefined;
  const service = createOwnerService({
    key: 'A',
    state: createState(1),
    clock,
    quiet: () => quiet,
    facts: () => ({ planning: [], startErrors: [], slowSides: [], notices: [], blocked: null, maxRunningUnits: 1 }),
    samples: () => [],
    perform: async () => null,
    leave: async () => undefined,
  });
  service.opened();
  service.subscribe({
    send: () => false,
    drained: async () => false,
    onClosed: (listener) => {
      leave = listener;
    },
  });
  return {
    clock,
    service,
    leave: () => leave(),
    async syncEnds() {
      quiet = true;
      service.allDurable();
      await turn();
      for (let n = 0; n < 5; n++) {
        clock.advance(10_000);
        await turn();
      }
    },
  };
}

describe('Nobody is told anything, and no timer is left', () => {
  test('when the viewer left while a sync was waited for', async () => {
    const it = watched();
    await turn();
    it.leave();
    await it.syncEnds();
    assert.equal(it.clock.timers, 0);
  });

  test('when the store was given back while a sync was waited for', async () => {
    const it = watched();
    await turn();
    it.service.closed();
    await it.syncEnds();
    assert.equal(it.clock.timers, 0);
  });
});
