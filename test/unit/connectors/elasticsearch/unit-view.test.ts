/** Points in time of a server in memory. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SearchClient } from '../../../../src/connectors/elasticsearch/client.ts';
import { openView } from '../../../../src/connectors/elasticsearch/unit-view.ts';
import type { DataError } from '../../../../src/core/ports.ts';

/** Forgets each point in time as soon as it was asked in. */
function forgetful(): { readonly client: SearchClient; readonly opened: () => number } {
  let opened = 0;
  const answer = (status: number, value: unknown) => ({
    status,
    headers: {},
    body: Buffer.from(JSON.stringify(value)),
  });
  const client: SearchClient = {
    send: async ({ method, path }) => {
      if (path[0] === '_search') return answer(404, {});
      if (method === 'POST') opened += 1;
      return answer(200, { id: `pit-${opened}` });
    },
    within: () => client,
    close: async () => undefined,
  };
  return { client, opened: () => opened };
}

describe('a moment that is lost', () => {
  for (const frozen of [true, false])
    test(`${frozen ? 'of a snapshot' : 'again and again'} ends the unit at once, which may be tried again`, async () => {
      const { client, opened } = forgetful();
      const about = { unit: 'docs', product: 'elasticsearch', client, frozen } as const;
      const view = openView({ ...about, check: async () => undefined, toError: (error) => error });
      const began = performance.now();
      const asked = view.ask(
        { client, signal: undefined },
        () => ({ members: '' }),
        () => ({ pit: null }),
      );
      await assert.rejects(asked, ({ error }: DataError) => {
        assert.deepEqual([error.code, error.class], ['elasticsearch.momentLost', 'retryable']);
        return true;
      });
      assert.ok(performance.now() - began < 1_000);
      assert.equal(opened(), frozen ? 1 : 6);
      await view.close();
    });
});
