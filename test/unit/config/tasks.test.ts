import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { checkPlannedUnits } from '../../../src/config/check-planned-units.ts';
import { findCycles } from '../../../src/config/cycles.ts';
import { withValue } from '../../../src/config/edit.ts';
import { type ConfigModel, type TaskConfig, unitSettings } from '../../../src/config/model.ts';
import { nearest } from '../../../src/config/nearest.ts';
import { parse } from '../../../src/config/parse.ts';
import { productionTarget, scheduleNotice, unsupported } from '../../../src/config/unsupported.ts';
import { word } from '../../../src/wording/word.ts';

const SQLITE = { a: { type: 'sqlite', file: 'a.db' }, b: { type: 'sqlite', file: 'b.db' } };

function configWith(
  task: object,
  connections: object = SQLITE,
  more: object = {},
): { model: ConfigModel; task: TaskConfig } {
  const text = JSON.stringify({
    connections,
    tasks: { t: { source: 'a', target: 'b', ...task }, u: { source: 'a', target: 'b' } },
    ...more,
  });
  const { model, problems } = parse(text, '/shop/datatrace.json');
  assert.ok(model, JSON.stringify(problems));
  return { model, task: model.tasks.get('t')! };
}

describe('a task of the file', () => {
  test('has the documented defaults', () => {
    const { task } = configWith({});
    assert.deepEqual(task, {
      name: 't',
      description: '',
      source: 'a',
      target: 'b',
      units: ['*'],
      prefix: '',
      suffix: '',
      overrides: new Map(),
      mode: 'auto',
      concurrency: 8,
      resumeOnStart: false,
      swapAlias: '',
      onError: 'skip',
      after: [],
      formerly: [],
      settings: {
        lanes: 'auto',
        batchBytes: 'auto',
        batchRows: 5_000,
        resume: 'unit',
        write: 'upsert',
        verify: 'count',
        createTarget: 'missing',
        indexesAfter: false,
        onRowError: 'fail',
        deadLetterLimit: 1_000,
        retry: { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 },
        stallMs: 120_000,
        timeoutMs: 0,
        snapshot: false,
        checkpoint: 'store',
        limits: { rowsPerSecond: 0, bytesPerSecond: 0 },
      },
    });
  });

  test('gives its settings to its units, and a unit keeps what is written for it', () => {
    const { task } = configWith({
      prefix: 'p_',
      suffix: '_s',
      batchRows: 10,
      limits: { rowsPerSecond: 5 },
      retry: { attempts: 1 },
      overrides: { orders: { as: 'o', where: 'id > 1', batchRows: 1, retry: { delayMs: 5 } }, 'x"y': {} },
    });
    const orders = unitSettings(task, 'orders');
    assert.deepEqual([orders.targetName, orders.where, orders.batchRows], ['o', 'id > 1', 1]);
    assert.deepEqual(orders.retry, { attempts: 1, delayMs: 5, factor: 2, maxDelayMs: 60_000, jitter: 0.2 });
    assert.deepEqual(orders.limits, { rowsPerSecond: 5, bytesPerSecond: 0 });
    for (const unit of ['x"y', 'other', '__proto__', 'constructor']) {
      const settings = unitSettings(task, unit);
      assert.deepEqual([settings.targetName, settings.where, settings.batchRows], [`p_${unit}_s`, null, 10]);
    }
  });

  test('the names of members of every object are names like any other', () => {
    const text = readFileSync(new URL('../../fixtures/configs/valid/odd-names.json', import.meta.url), 'utf8');
    const { model } = parse(text, '/shop/datatrace.json');
    const task = model?.tasks.get('toString');
    assert.equal(task?.source, '__proto__');
    assert.equal(unitSettings(task, '__proto__').targetName, 'hasOwnProperty');
    assert.deepEqual([...unitSettings(task, '__proto__').fields.keys()], ['__proto__']);
    assert.equal(unitSettings(task, 'constructor').batchRows, 1);
    assert.equal(({} as { x?: number }).x, undefined);
    assert.deepEqual(structuredClone(task).overrides.get('constructor'), task.overrides.get('constructor'));
  });

  test('parses the same with a frozen Object.prototype', () => {
    const text = readFileSync(new URL('../../fixtures/configs/valid/odd-names.json', import.meta.url), 'utf8');
    const before = parse(text, '/shop/datatrace.json');
    Object.freeze(Object.prototype);
    assert.deepEqual(parse(text, '/shop/datatrace.json'), before);
  });
});

describe('a feature that this version does not have', () => {
  const sentences = (task: object, connections?: object): string[] => {
    const config = configWith(task, connections);
    return unsupported(config.task, config.model).map((coded) => word(coded, 'en'));
  };

  test('nothing is refused of a task that uses what exists', () => {
    assert.deepEqual(sentences({}), []);
    const all = {
      units: ['*', '!x'],
      prefix: 'a',
      suffix: 'b',
      concurrency: 64,
      lanes: 16,
      batchBytes: 4096,
      batchRows: 1,
      resume: 'row',
      resumeOnStart: true,
      write: 'truncate',
      verify: 'none',
      createTarget: 'recreate',
      onError: 'pause',
      limits: { rowsPerSecond: 1 },
      mode: 'manual',
      stallMs: 1,
      timeoutMs: 9,
      retry: { attempts: 5, jitter: 1 },
      snapshot: true,
      checkpoint: 'target',
      overrides: {
        o: {
          as: 'x',
          where: '1',
          columns: ['a'],
          key: ['id'],
          write: 'insert',
          resume: 'unit',
          after: ['p'],
          stallMs: 5,
          timeoutMs: 6,
        },
      },
    };
    assert.deepEqual(sentences(all), []);
    const mysql = { a: { type: 'mysql', host: 'h', database: 'x' }, b: { type: 'mariadb', host: 'h', database: 'y' } };
    assert.deepEqual(sentences({}, mysql), []);
  });

  const refused: [object, string][] = [
    [{ swapAlias: 'live' }, '"swapAlias": live'],
    [{ formerly: ['old'] }, '"formerly": old'],
    [{ overrides: { o: { fields: { price: {} } } } }, '"fields": price of unit o'],
    [{ overrides: { o: { query: { term: 1 } } } }, '"query": {"term":1} of unit o'],
    [{ overrides: { o: { sort: ['x'] } } }, '"sort": x of unit o'],
    [{ overrides: { o: { slices: 2 } } }, '"slices": 2 of unit o'],
  ];
  for (const [task, start] of refused) {
    test(`stops the start with one sentence: ${JSON.stringify(task)}`, () => {
      assert.deepEqual(sentences(task), [`${start} is not available in this version: remove it to start the task.`]);
    });
  }

  test('an alias is moved by search servers alone', () => {
    const search = (name: string): object => ({ type: 'opensearch', url: `http://${name}` });
    assert.deepEqual(sentences({ swapAlias: 'live' }, { a: search('a'), b: search('b') }), []);
  });

  test('every system is copied into every other', () => {
    const systems = [
      SQLITE.a,
      { type: 'mysql', host: 'h', database: 'x' },
      { type: 'files', folder: 'backup' },
      { type: 'opensearch', url: 'http://h' },
    ];
    for (const a of systems) for (const b of systems) if (a !== b) assert.deepEqual(sentences({}, { a, b }), []);
  });

  test('fields are of search servers, on either side', () => {
    const search = { type: 'elasticsearch', url: 'http://h' };
    const task = { overrides: { o: { fields: { price: { type: 'double' } } } } };
    assert.deepEqual(sentences(task, { a: SQLITE.a, b: search }), []);
    assert.deepEqual(sentences(task, { a: search, b: SQLITE.a }), []);
  });

  test('a search source is asked by query, sort and slices', () => {
    const search = { a: { type: 'opensearch', url: 'http://h' }, b: SQLITE.a };
    const o = { query: { term: 1 }, sort: ['x'], slices: 2 };
    assert.ok(!sentences({ overrides: { o } }, search).some((sentence) => sentence.includes(' of unit o')));
  });

  test('enabled schedules are kept, with a notice', () => {
    const nightly = {
      schedule_type: 'DAILY',
      schedule_config: { time: '02:00' },
      action_type: 'SYNC',
      action_config: { task: 't' },
    };
    const noticeOf = (schedules: object) => scheduleNotice(configWith({}, SQLITE, { schedules }).model);
    assert.equal(noticeOf({ nightly: { ...nightly, enabled: false } }), null);
    assert.deepEqual(noticeOf({ nightly }), { code: 'unsupported.schedules', args: { count: 1 } });
  });

  test('a production target is named, for its typed confirmation', () => {
    const marked = (environment: string): string | null => {
      const config = configWith({}, { a: SQLITE.a, b: { ...SQLITE.b, environment } });
      return productionTarget(config.task, config.model);
    };
    assert.equal(marked('production'), 'b');
    assert.equal(marked('staging'), null);
  });
});

describe('a plan', () => {
  test('refuses an unknown parent, and says which settings have no effect', () => {
    const { task } = configWith({
      overrides: { c: { after: ['gone'] }, ghost: { after: ['x'] } },
    });
    const { errors, warnings } = checkPlannedUnits(task, ['a', 'b', 'c']);
    assert.deepEqual(
      errors.map((coded) => word(coded, 'en')),
      ['Unit c waits for gone, which is not a unit of this task.'],
    );
    assert.deepEqual(
      warnings.map((coded) => coded.args.unit),
      ['ghost'],
    );
  });
});

describe('the order that a file asks for', () => {
  const refusedWith = (task: object): string[] => {
    const tasks = { t: { source: 'a', target: 'b', ...task } };
    const { problems } = parse(JSON.stringify({ connections: SQLITE, tasks }), '/shop/datatrace.json');
    return problems.map(({ code, args }) => word({ code, args }, 'en'));
  };

  test('is refused with the whole cycle, of units as of tasks', () => {
    const overrides = { a: { after: ['b'] }, b: { after: ['x', 'c'] }, c: { after: ['a'] }, x: {} };
    assert.deepEqual(refusedWith({ overrides }), ['These units wait for each other: a -> b -> c -> a.']);
    const tasks = JSON.stringify({
      connections: SQLITE,
      tasks: Object.fromEntries(
        ['one', 'two', 'three'].map((name, at, all) => [
          name,
          { source: 'a', target: 'b', after: [all[(at + 1) % 3]] },
        ]),
      ),
    });
    const { problems } = parse(tasks, '/shop/datatrace.json');
    assert.deepEqual(
      problems.map(({ code, args }) => word({ code, args }, 'en')),
      ['These tasks wait for each other: one -> two -> three -> one.'],
    );
  });

  test('is refused where a unit or a task names itself', () => {
    assert.deepEqual(refusedWith({ overrides: { a: { after: ['a'] } } }), ['"a" cannot wait for itself.']);
    assert.deepEqual(refusedWith({ after: ['t'] }), ['"t" cannot wait for itself.']);
  });
});

describe('cycles', () => {
  test('each is a path that ends where it began; graphs without any have none', () => {
    assert.deepEqual(
      findCycles(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['d']],
          ['c', ['d']],
          ['d', []],
        ]),
      ),
      [],
    );
    assert.deepEqual(
      findCycles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['b']],
          ['x', ['y']],
          ['y', ['x']],
        ]),
      ),
      [
        ['b', 'c', 'b'],
        ['x', 'y', 'x'],
      ],
    );
  });

  test('a chain of 100,000 does not overflow the stack', () => {
    const chain = new Map(
      Array.from({ length: 100_000 }, (_, index): [string, string[]] => [`u${index}`, [`u${(index + 1) % 100_000}`]]),
    );
    assert.equal(findCycles(chain)[0]?.length, 100_001);
  });
});

describe('the nearest name', () => {
  test('is one that differs in case, a letter or two, or a swap', () => {
    const known = ['concurrency', 'columns', 'connections', 'a'];
    assert.equal(nearest('Concurrency', known), 'concurrency');
    assert.equal(nearest('concurency', known), 'concurrency');
    assert.equal(nearest('colunms', known), 'columns');
    assert.equal(nearest('b', known), undefined);
    assert.equal(nearest('something', known), undefined);
    assert.equal(nearest('x'.repeat(1_000_000), known), undefined);
  });
});

describe('an edit of the file', () => {
  test('keeps comments, layout and line ends', () => {
    const text = '{\r\n\t// mine\r\n\t"tasks": {\r\n\t\t"t": { "concurrency": 4 } // few\r\n\t}\r\n}\r\n';
    const edited = withValue(text, ['tasks', 't', 'concurrency'], 8);
    assert.equal(edited, text.replace('4', '8'));
    const added = withValue(text, ['tasks', 'u'], { source: 'a' });
    assert.match(added, /\/\/ mine\r\n/);
    assert.doesNotMatch(added, /[^\r]\n/);
    assert.equal(withValue(text, ['tasks', 't', 'concurrency'], undefined).includes('concurrency'), false);
  });
});
