import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { makeFolder, makeShop, openHost, until } from '../../support/engine-host.ts';

test('rows that a newly chosen target held of its own are not emptied', async () => {
  const folder = makeFolder();
  makeShop(join(folder.path, 'shop.db'), 1, 3000);
  makeShop(join(folder.path, 'other.db'), 1, 0);
  const other = new DatabaseSync(join(folder.path, 'other.db'));
  other.exec(`INSERT INTO t000 VALUES (1000001, 'precious', 1, NULL)`);
  other.close();
  const config = (file: string, limits: object) => ({
    version: 1,
    connections: { shop: { type: 'sqlite', file: 'shop.db' }, to: { type: 'sqlite', file } },
    tasks: { copy: { source: 'shop', target: 'to', write: 'insert', resume: 'row', batchRows: 20, limits } },
  });
  folder.write(config('copy.db', { rowsPerSecond: 500 }));
  const { manager, id, reload, close } = await openHost(folder);
  try {
    const task = id('copy');
    assert.equal((await manager.start(task, { by: 'person' })).ok, true);
    await until('rows are copied', () => (manager.header(task)?.rowsProcessed ?? 0) > 100);
    await manager.stop(task);
    await manager.settled(task);
    folder.write(config('other.db', {}));
    await reload();
    await manager.start(task, { by: 'person' });
    await manager.settled(task);
    const after = new DatabaseSync(join(folder.path, 'other.db'), { readOnly: true });
    const { n } = after.prepare('SELECT count(*) AS n FROM t000 WHERE id = 1000001').get() as { n: number };
    after.close();
    assert.equal(n, 1, 'the row was deleted');
  } finally {
    await close();
    folder.remove();
  }
});
