/** Command lines that meet on a store which nobody manages for long: each has its turn, or asks the one that stays. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type CliDriver, createCliDriver, type Ended, linesOf, TABLES } from './cli-driver.ts';

let cli: CliDriver;
beforeEach(() => {
  cli = createCliDriver();
});
afterEach(() => cli.dispose());

const textOf = (ended: Ended): string => `${ended.out}${ended.err}`;

describe('commands at the same time', () => {
  test('are all done, one after the other', async () => {
    cli.configure({ mode: 'manual' });
    const units = Array.from({ length: TABLES }, (_, table) => `t${table}`);
    const all = await Promise.all(units.map((unit) => cli.here('queue', 'nightly', 'add', unit)));
    for (const ended of all) assert.equal(ended.code, 0, textOf(ended));
    const queue = linesOf(await cli.here('queue', 'nightly', '--json')).find(({ type }) => type === 'queue');
    assert.deepEqual(new Set(queue?.units as string[]), new Set(units));
  });

  test('do not keep a run from beginning, which is not begun in a process that ends', async () => {
    const short = [
      ['status', 'nightly'],
      ['set', 'nightly', 'concurrency=2'],
      ['queue', 'nightly'],
      ['mode', 'nightly', 'auto'],
    ];
    const beside = short.map((words) => cli.here(...words));
    const run = cli.start('run', 'nightly', '--json');
    const later = run.seen(/"type":"task"/).then(() => Promise.all(short.map((words) => cli.here(...words))));
    for (const ended of [...(await Promise.all(beside)), ...(await later)]) assert.equal(ended.code, 0, textOf(ended));
    const ended = await run.ended;
    assert.equal(ended.code, 0, textOf(ended));
    assert.equal(linesOf(ended).at(-1)?.completed, TABLES);
    assert.deepEqual(cli.tableTexts('copy.db'), cli.tableTexts('shop.db'));
  });

  test('as processes, too: each says what it has to say before it ends', async () => {
    const both = [cli.start('status', 'nightly', '--json'), cli.start('runs', 'nightly', '--json')];
    for (const ended of await Promise.all(both.map((each) => each.ended))) {
      assert.equal(ended.code, 0, textOf(ended));
      assert.equal(linesOf(ended).at(-1)?.type, 'result');
    }
  });
});
