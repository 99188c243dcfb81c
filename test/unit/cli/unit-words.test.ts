import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitWords } from '../../../src/cli/command.ts';
import { chooseUnits } from '../../../src/cli/unit-words.ts';
import { NO_PARENTS, UNSTARTED, type UnitRow, type UnitStatus } from '../../../src/core/model.ts';
import { word } from '../../../src/wording/word.ts';

function unit(name: string, status: UnitStatus = 'pending'): UnitRow {
  const plan = { type: 'table', planOrder: 0, after: NO_PARENTS, total: null, resume: 'row', updatedAt: 0 } as const;
  return { ...UNSTARTED, ...plan, id: `id of ${name}`, taskId: 't', name, status };
}

const UNITS = [unit('orders'), unit('customers', 'failed'), unit('a[1]'), unit('a1'), unit('log_1', 'completed')];

function chosen(words: string[], more: Partial<UnitWords> = {}, fits = (row: UnitRow) => row.status !== 'completed') {
  const found = chooseUnits(UNITS, { words, all: false, statuses: null, ...more }, fits);
  return 'units' in found ? found.units.map(({ name }) => name) : found.map((problem) => word(problem, 'en'));
}

describe('the words for units', () => {
  test('keep their order; what a glob finds comes in plan order, and nothing twice', () => {
    assert.deepEqual(chosen(['a1', 'orders']), ['a1', 'orders']);
    assert.deepEqual(chosen(['a1', '*']), ['a1', 'orders', 'customers', 'a[1]']);
    assert.deepEqual(chosen(['*', 'a1']), ['orders', 'customers', 'a[1]', 'a1']);
    assert.deepEqual(chosen(['*', '!a*', 'a1']), ['orders', 'customers', 'a1']);
  });

  test('a name is itself before it is a glob', () => {
    assert.deepEqual(chosen(['a[1]']), ['a[1]']);
    assert.deepEqual(chosen(['a[!2]']), ['a1']);
  });

  test('a glob or a filter finds only what fits, a name is meant as it is', () => {
    assert.deepEqual(chosen(['log*']), []);
    assert.deepEqual(chosen(['log_1']), ['log_1']);
    assert.deepEqual(chosen([], { all: true }), ['orders', 'customers', 'a[1]', 'a1']);
    assert.deepEqual(chosen([], { statuses: ['failed', 'completed'] }), ['customers']);
    assert.deepEqual(chosen(['*'], { statuses: ['failed'] }), ['customers']);
  });

  test('one wrong word refuses all of them and says which, with the nearest name', () => {
    assert.deepEqual(chosen(['orders', 'custmers', 'nothing']), [
      'The task has no unit "custmers": did you mean "customers"?',
      'The task has no unit "nothing".',
    ]);
    assert.deepEqual(chosen(['orders', 'orders']), ['Unit "orders" is named twice.']);
    assert.deepEqual(chosen(['x*']), ['No unit of the task matches x*.']);
    assert.deepEqual(chosen(['__proto__', 'constructor']), [
      'The task has no unit "__proto__".',
      'The task has no unit "constructor".',
    ]);
  });

  test('a hundred thousand wrong words are counted, at once', () => {
    const words = Array.from({ length: 100_000 }, (_, index) => `w${index}`);
    const started = performance.now();
    const said = chosen(words);
    assert.equal(said.length, 6);
    assert.equal(said.at(-1), 'and 99995 more');
    assert.ok(performance.now() - started < 2_000);
  });
});
