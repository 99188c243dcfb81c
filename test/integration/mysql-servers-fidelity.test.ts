import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { copyBetween, type PairOptions } from '../fidelity/mysql/run.ts';
import type { ServerKind } from '../servers/mysql/programs.ts';
import { sharedServer, stopSharedServers } from '../servers/mysql/shared.ts';

after(stopSharedServers);

/** A few tables of each sort; `npm run fidelity -- --engine mysql` takes all of them, every pair and every size. */
const FEW: PairOptions = { quick: true, sizes: () => [3] };

/** What each pair refuses of these tables, and with which code. */
const REFUSED: readonly (readonly [ServerKind, ServerKind, Readonly<Record<string, readonly string[]>>])[] = [
  ['mysql', 'mysql', {}],
  ['mariadb11', 'mariadb11', {}],
  ['mysql', 'mariadb', {}],
  ['mariadb', 'mysql', {}],
];

describe('a copy between real servers of both products', () => {
  for (const [from, to, refused] of REFUSED) {
    test(`is exact or refused beforehand from ${from} to ${to}`, async () => {
      const result = await copyBetween(from, to, FEW);
      assert.deepEqual(result.different, [], result.versions.join(' -> '));
      assert.deepEqual(result.refused, refused);
      assert.ok(result.exact >= 30, `${result.exact} of ${result.units}`);
    });
  }

  test('goes to accounts of MariaDB that log in by caching_sha2_password', async () => {
    const server = await sharedServer('mariadb11');
    const rows = await server.query(`SELECT plugin FROM mysql.user WHERE user = '${server.user}' LIMIT 1`);
    assert.equal(rows[0]?.plugin, 'caching_sha2_password');
  });
});
