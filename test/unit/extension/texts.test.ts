import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { parse } from '../../../src/config/parse.ts';
import type { PlanResult, VerifyResult } from '../../../src/core/ports.ts';
import { planText, verifyText } from '../../../src/extension/commands/plan-text.ts';
import { diagnosticsReport, withoutHome } from '../../../src/extension/commands/report.ts';
import {
  freeName,
  isVariableName,
  nameProblem,
  searchAddress,
  withNewTask,
} from '../../../src/extension/commands/starter.ts';
import { newNonce, pageOf } from '../../../src/extension/panel/page.ts';
import { plainText } from '../../../src/extension/plain-text.ts';
import { runSentence } from '../../../src/extension/run-sentence.ts';
import { statusText } from '../../../src/extension/status-text.ts';
import { english } from '../../../src/extension/translate.ts';
import { createRedactor } from '../../../src/host/redaction.ts';
import { taskSummary, unitRow, words } from './support.ts';

const file = path.resolve('/workspace/datatrace.json');
const sqlite = (name: string) => ({ name, connection: { type: 'sqlite', file: `${name}.db` } });

describe('a new task', () => {
  const task = { name: 'shop-to-copy', description: '', source: sqlite('shop'), target: sqlite('copy') };

  test('makes a commented file without a problem', () => {
    const text = withNewTask(null, task, ['Tasks of DataTrace.', 'No passwords here.']);
    assert.match(text, /^\/\/ Tasks of DataTrace\.\n\/\/ No passwords here\.\n\{/);
    const { model, problems } = parse(text, file);
    assert.deepEqual(problems, []);
    assert.deepEqual([...(model?.tasks.keys() ?? [])], ['shop-to-copy']);
    assert.equal(model?.tasks.get('shop-to-copy')?.settings.resume, 'row');
  });

  test('is added to a file with its comments and layout kept', () => {
    const first = withNewTask(
      '{\n\t// mine\n\t"version": 1,\n\t"connections": {}, // none yet\n\t"tasks": {}\n}\n',
      task,
      [],
    );
    const second = withNewTask(first, { ...task, name: 'again', source: { name: 'shop', connection: null } }, []);
    assert.match(second, /\t\/\/ mine\n/);
    assert.match(second, /\/\/ none yet/);
    const { model, problems } = parse(second, file);
    assert.deepEqual(problems, []);
    assert.deepEqual([...(model?.tasks.keys() ?? [])], ['shop-to-copy', 'again']);
  });

  test('gets a name that is allowed and free', () => {
    assert.equal(freeName('my shop (1)', []), 'my-shop-1');
    assert.equal(freeName('Shop', ['shop', 'SHOP-2']), 'Shop-3');
    assert.equal(freeName('数据', []), 'connection');
    assert.equal(nameProblem('a b', []), 'form');
    assert.equal(nameProblem('Shop', ['shop']), 'taken');
    assert.equal(nameProblem('shop', ['other']), undefined);
  });

  test('takes addresses of search servers without a login', () => {
    assert.equal(searchAddress(' https://localhost:9200/ '), 'https://localhost:9200');
    assert.equal(searchAddress('http://[::1]:9200/prefix'), 'http://[::1]:9200/prefix');
    for (const none of ['', 'localhost:9200', 'https://', 'https://elastic:secret@host', 'ftp://host', 'https://a b']) {
      assert.equal(searchAddress(none), undefined, none);
    }
    assert.ok(isVariableName('SEARCH_API_KEY'));
    assert.ok(!isVariableName('SEARCH KEY') && !isVariableName(''));
  });

  test('copies from a database into a search server', () => {
    const auth = { apiKey: `\${env:SEARCH_API_KEY}` };
    const target = { name: 'search', connection: { type: 'elasticsearch', url: 'https://localhost:9200', auth } };
    const { model, problems } = parse(withNewTask(null, { ...task, target }, []), file);
    assert.deepEqual(problems, []);
    assert.equal(model?.connections.get('search')?.type, 'elasticsearch');
  });
});

describe('the text of a plan', () => {
  const evil = 'we`ird | "x\'; --\n# [a](command:b)';
  const plan: PlanResult = {
    units: [
      {
        name: evil,
        type: 'table',
        targetName: 'orders',
        rows: 1_234,
        key: ['id'],
        resume: 'row',
        lanes: 1,
        after: [],
        create: 'CREATE TABLE orders (```)',
        warnings: [],
        refusals: [{ code: 'unknownTask', args: { task: '<img src=x>' } }],
      },
      { ...base('stock'), rows: null, key: [] },
    ],
    warnings: [],
    notes: [{ code: 'mysql.plan.writesBulk', args: {} }],
  };

  test('says what would happen to each unit', () => {
    const text = planText('shop', plan, words);
    assert.match(text, /^# Plan of shop\n/);
    assert.match(text, /Units: 2, rows: about 1,234\./);
    assert.match(text, /\nRows are read as the server sends them and written by bulk execution/);
    assert.match(text, /\| `stock` \| `stock` \| unknown \| none \| from its beginning \| is there \|/);
  });

  test('lets nothing from outside leave its place', () => {
    const text = planText('[x](command:y)', plan, words);
    assert.match(text, /^# Plan of \\\[x\\\]\(command:y\)\n/);
    assert.ok(text.includes('\\<img src=x\\>'));
    assert.ok(text.includes('````sql\nCREATE TABLE orders (```)\n````'));
    const rows = text.split('\n').filter((line) => line.includes('we\\`ird'));
    assert.deepEqual(
      rows.map((line) => line.match(/(?<!\\)\|/g)?.length),
      [7],
    );
    assert.ok(!/^# \[a\]/m.test(text));
  });

  test('lists first what differs', () => {
    const result = (unit: string, equal: boolean): VerifyResult => {
      return { unit, sourceRows: 5, targetRows: 4, equal, by: 'count', difference: null, error: null };
    };
    const text = verifyText('shop', [result('a', true), result('b', false)], words);
    assert.match(text, /1 of 2 units differ/);
    assert.ok(text.indexOf('`b`') < text.indexOf('`a`'));
  });

  test('says how both sides were compared', () => {
    const result = { unit: 'a', sourceRows: 5, targetRows: 5, equal: true, difference: null, error: null } as const;
    assert.match(verifyText('shop', [{ ...result, by: 'count' }], words), /The unit holds as many rows as its source/);
    assert.match(
      verifyText('shop', [{ ...result, by: 'checksum' }], words),
      /The unit holds the same values as its source/,
    );
  });

  function base(name: string): PlanResult['units'][number] {
    return {
      name,
      type: 'table',
      targetName: name,
      rows: 0,
      key: ['id'],
      resume: 'unit',
      lanes: 1,
      after: [],
      create: null,
      warnings: [],
      refusals: [],
    };
  }
});

describe('the page of a panel', () => {
  const parts = {
    cspSource: 'https://*.vscode-cdn.net',
    script: 'https://host/panel.js',
    style: 'https://host/panel.css',
    title: 'DataTrace',
    locale: 'en',
    taskId: '"><script>alert(1)</script>',
    folderUri: 'file:///work',
    sentences: { 'test.bad': '</script><script>alert(2)</script>' },
  };

  test('allows nothing but its own script and style', () => {
    const page = pageOf(parts, 'N');
    const csp = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    assert.equal(
      csp,
      "default-src 'none'; img-src https://*.vscode-cdn.net; font-src https://*.vscode-cdn.net; " +
        "style-src https://*.vscode-cdn.net 'nonce-N'; script-src 'nonce-N'",
    );
    assert.ok(page.includes('<meta property="csp-nonce" content="N">'));
  });

  test('escapes what it is given and has a new nonce each time', () => {
    assert.ok(!pageOf(parts, 'N').includes('<script>alert'));
    assert.equal(pageOf(parts, 'N').match(/<\/script>/g)?.length, 2);
    assert.notEqual(newNonce(), newNonce());
    assert.match(newNonce(), /^[\w-]{32}$/);
  });
});

describe('one line for people', () => {
  const units = [unitRow('a', 'running'), unitRow('b', 'completed'), unitRow('c', 'failed')];

  test('in the status bar says how far the running tasks are', () => {
    const running = taskSummary(units, { runState: 'running', percent: 41.2 });
    assert.deepEqual(statusText([taskSummary([]), running], words), {
      text: '$(sync~spin) DataTrace 41% · 1 running',
      tooltip: 'shop-copy: 41% · running',
      taskId: 'task',
    });
  });

  test('in the status bar says what is waited for, and who manages the task', () => {
    const waiting = taskSummary(units, { runState: 'running', mode: 'manual', waitsForAdditions: true });
    assert.equal(statusText([waiting], words)?.text, '$(list-ordered) DataTrace 0% · waiting for units');
    const managedBy = { code: 'folder.managed', args: { kind: 'VS Code', pid: 7, host: 'here' } };
    const switching = taskSummary(units, { runState: 'running', switchingTo: 'manual', managedBy });
    const shown = statusText([waiting, switching], words);
    assert.equal(shown?.text, '$(sync~spin) DataTrace 0% · switching to manual: 1 still running');
    assert.equal(shown?.tooltip.split('\n').at(-1), words.word(managedBy));
  });

  test('in the status bar is absent when nothing moves or nothing can be known of it', () => {
    const blocked = { code: 'folder.untrusted', args: {} };
    const elsewhere = taskSummary(units, { runState: 'running', blocked });
    assert.equal(statusText([taskSummary(units), elsewhere], words), undefined);
  });

  test('at the end of a run counts what became of the units', () => {
    const { counts } = taskSummary(units);
    const summary = { rows: 1, bytes: 1, rejected: 0, durationMs: 1, runState: 'idle', left: 0 } as const;
    const ended = { ...summary, counts: { ...counts, running: 0 }, outcome: 'completed_with_errors' } as const;
    const none = { failed: [], blocked: [] };
    assert.equal(runSentence('shop', ended, none, english), 'shop: 1 completed, 1 failed');
    assert.equal(
      runSentence('shop', { ...ended, rejected: 3 }, none, english),
      'shop: 1 completed, 1 failed, 3 rows rejected',
    );
    assert.equal(
      runSentence('shop', { ...ended, rejected: 1 }, none, english),
      'shop: 1 completed, 1 failed, 1 row rejected',
    );
    assert.equal(runSentence('shop', { ...ended, outcome: 'failed' }, none, english), 'shop could not start.');
  });

  test('at the end of a run names units that failed or were blocked, the first three of each', () => {
    const counts = { completed: 9, failed: 5, pending: 3, running: 0, paused: 1 };
    const rest = { rows: 1, bytes: 1, rejected: 0, durationMs: 1, runState: 'idle' } as const;
    const summary = { ...rest, left: 4, counts, outcome: 'completed_with_errors' } as const;
    const unwell = { failed: ['a', 'b', 'c'], blocked: ['x', 'y'] };
    assert.equal(
      runSentence('shop', summary, unwell, english),
      'shop: 9 completed, 5 failed (a, b, c ..), 2 blocked (x, y), 2 not executed',
    );
  });

  test('at the end of a run of some units says nothing of the others', () => {
    const counts = { completed: 1, failed: 0, pending: 39, running: 0, paused: 0 };
    const summary = { rows: 1, bytes: 1, rejected: 0, durationMs: 1, runState: 'idle', left: 0 } as const;
    const ended = { ...summary, counts, outcome: 'completed' } as const;
    assert.equal(runSentence('shop', ended, { failed: [], blocked: [] }, english), 'shop: 1 completed');
  });
});

test('the diagnostics hold no secret', () => {
  const redactor = createRedactor();
  redactor.add('canary-secret');
  const report = diagnosticsReport({
    versions: { DataTrace: '1' },
    tasks: [taskSummary([unitRow('a', 'failed')])],
    log: ['[error] password=hunter22', 'mysql://root:pw@host/db canary-secret'],
    redact: (text) => redactor.redact(text),
  });
  assert.match(
    report,
    /shop-copy: idle, outcome none, pending 0, running 0, completed 0, failed 1, paused 0, mode auto, queued 0/,
  );
  for (const secret of ['hunter22', ':pw@', 'canary']) assert.ok(!report.includes(secret), secret);
});

test('what a server or a name says never becomes a link that runs a command', () => {
  const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)/i;
  const hostile = 'Access denied [retry](command:workbench.action.quit) [a](https://example.org) [b]](command:x)';
  assert.match(hostile, link);
  assert.doesNotMatch(plainText(hostile), link);
  assert.equal(plainText('shop answers: MariaDB 11 (x)[y]'), 'shop answers: MariaDB 11 (x)[y]');
});

test('diagnostics name no home folder, also as JSON writes it, and stay whole where the home is the root', () => {
  const text = String.raw`at C:\Users\Ada\shop.db {"file":"C:\\Users\\Ada\\shop.db"}`;
  assert.doesNotMatch(withoutHome(text, String.raw`C:\Users\Ada`), /Ada/);
  assert.equal(withoutHome('/home/ada/shop.db', '/home/ada'), '~/shop.db');
  assert.equal(withoutHome('and/or', '/'), 'and/or');
});
