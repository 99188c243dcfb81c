import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Coded } from '../../../src/core/model.ts';
import { createRedactor, redacted } from '../../../src/host/redaction.ts';
import { codeCell, escapeMarkdown, inlineCode } from '../../../src/wording/markdown.ts';
import { messages } from '../../../src/wording/messages.ts';
import { type ReportedRun, reportJson, reportMarkdown } from '../../../src/wording/report-text.ts';
import { word } from '../../../src/wording/word.ts';

const english = (coded: Coded) => word(coded, 'en');
const AT = Date.UTC(2026, 10, 21, 16, 20, 11);

const report: ReportedRun = {
  task: 'shop-copy',
  source: { name: 'shop', system: 'SQLite', environment: null },
  target: { name: 'search', system: 'MySQL', environment: 'production' },
  run: {
    id: 'run-1',
    taskId: 'key/shop-copy',
    startedAt: AT,
    endedAt: AT + 123_000,
    outcome: 'completed_with_errors',
    startedBy: 'person',
    mode: 'manual',
    concurrency: 4,
    units: null,
    rows: 12_345,
    bytes: 1_234_567,
    rejected: 2,
  },
  counts: { pending: 1, running: 0, completed: 12, failed: 1, paused: 0 },
  remarks: [
    {
      unit: 'orders',
      status: 'failed',
      reason: { text: { code: 'workersEnded', args: {} }, detail: 'server has gone away', severity: 'error' },
    },
  ],
  attempts: [
    {
      runId: 'run-1',
      unitId: 'u1',
      unit: 'customers',
      attempt: 1,
      startedAt: AT,
      endedAt: AT + 2_000,
      outcome: 'completed',
      rows: 5_000,
      bytes: 1,
      errorCode: null,
    },
    {
      runId: 'run-1',
      unitId: 'u2',
      unit: 'orders',
      attempt: 3,
      startedAt: AT,
      endedAt: AT + 3_723_000,
      outcome: 'failed',
      rows: 0,
      bytes: 0,
      errorCode: 'mysql.gone',
    },
  ],
};

describe('the report of a run', () => {
  test('tells in Markdown how it went, what failed and each execution', () => {
    assert.equal(
      reportMarkdown(report, english, 'en'),
      `# Run of shop-copy

- \`shop\` (SQLite) to \`search\` (MySQL, production)
- Outcome: completed with errors
- Started 2026-11-21 16:20:11 UTC (by a person)
- Ended 2026-11-21 16:22:14 UTC, after 2:03
- Manual mode, units at a time: 4
- Copied: 12,345 rows, 1.2 MB
- Rejected rows: 2
- Units: 12 completed, 1 failed, 1 pending

## Failures and notes

| Unit | Status | Reason |
| --- | --- | --- |
| \`orders\` | failed | DataTrace is closing: nothing more is started.<br>server has gone away |

## Executions

| Unit | Execution | Result | Duration | Rows | Rows per second |
| --- | ---: | --- | ---: | ---: | ---: |
| \`customers\` | 1 | completed | 0:02.0 | 5,000 | 2,500 |
| \`orders\` | 3 | failed (\`mysql.gone\`) | 1:02:03 | 0 | 0 |
`,
    );
  });

  test('says of an unfinished, limited run what is known', () => {
    const run = { ...report.run, endedAt: null, outcome: null, units: ['orders', 'a`b'] };
    const text = reportMarkdown({ ...report, run, attempts: [], remarks: [] }, english, 'en');
    assert.match(text, /- Outcome: unfinished\n/);
    assert.match(text, /- Limited to chosen units \(2\): `orders`, `` a`b ``\n/);
    assert.doesNotMatch(text, /Ended|##/);
  });

  test('is worded in Simplified Chinese, too', () => {
    const text = reportMarkdown(report, (coded) => word(coded, 'zh-cn'), 'zh-cn');
    assert.match(text, /^# shop-copy 的运行\n/);
    assert.doesNotMatch(text, /report\./);
  });

  test('uses only words that exist, and all of them', () => {
    const known = [...messages.keys()].filter((code) => code.startsWith('report.'));
    const used = new Set<string>();
    const spy = (coded: Coded): string => {
      used.add(coded.code);
      return english(coded);
    };
    const big = Array.from({ length: 501 }, () => report.remarks[0] as ReportedRun['remarks'][number]);
    const outcomes = ['completed', 'completed_with_errors', 'stopped', 'failed', null] as const;
    for (const outcome of outcomes)
      for (const startedBy of ['person', 'command', 'schedule', 'resumeOnStart'] as const)
        for (const mode of ['auto', 'manual'] as const) {
          const run = { ...report.run, outcome, startedBy, mode, units: ['a'] };
          const counts = { pending: 1, running: 1, completed: 1, failed: 1, paused: 1 };
          const attempts = (['completed', 'failed', 'stopped', 'lost', null] as const).map((each) => ({
            ...(report.attempts[0] as ReportedRun['attempts'][number]),
            outcome: each,
          }));
          const remarks = (['pending', 'running', 'completed', 'failed', 'paused'] as const).map((status) => ({
            ...(report.remarks[0] as ReportedRun['remarks'][number]),
            status,
          }));
          reportMarkdown({ ...report, run, counts, attempts, remarks: [...remarks, ...big] }, spy, 'en');
        }
    const ours = [...used].filter((code) => code.startsWith('report.'));
    assert.deepEqual(ours.sort(), known.sort());
  });

  test('lets no hostile name leave its place', () => {
    const evil = '`|x\n# [a](command:b) <img src=x> https://evil.example \u202Eabc';
    const [remark, attempt] = [report.remarks[0], report.attempts[0]];
    assert.ok(remark && attempt);
    const hostile: ReportedRun = {
      ...report,
      task: evil,
      source: { name: evil, system: evil, environment: evil },
      run: { ...report.run, units: [evil] },
      remarks: [{ ...remark, unit: evil, reason: { ...remark.reason, detail: evil } }],
      attempts: [{ ...attempt, unit: evil, errorCode: evil }],
    };
    const text = reportMarkdown(hostile, english, 'en');
    assert.equal(text.match(/^#/gm)?.length, 3);
    assert.doesNotMatch(text, /\u202E/);
    const outsideCode = text.replace(/(`+) .*? \1/g, '');
    assert.doesNotMatch(outsideCode, /[^\\]\[a\]|[^\\]<img|https:\/\//);
    for (const line of text.split('\n').filter((each) => each.startsWith('|'))) {
      const bars = line.match(/(?<!\\)\|/g)?.length;
      assert.ok(bars === 4 || bars === 7, line);
    }
  });

  test('holds no secret that a system told, and stays JSON', () => {
    const [remark] = report.remarks;
    assert.ok(remark);
    const detail = 'login failed, password: canary-1';
    const told = { ...report, remarks: [{ ...remark, reason: { ...remark.reason, detail } }] };
    const clean = redacted(told, (text) => createRedactor().redact(text));
    for (const text of [reportMarkdown(clean, english, 'en'), reportJson(clean, english)]) {
      assert.doesNotMatch(text, /canary/);
      assert.match(text, /login failed/);
    }
    assert.equal(JSON.parse(reportJson(clean, english)).remarks[0].detail, 'login failed, password: ***');
    assert.deepEqual(
      redacted(report, (text) => text),
      report,
    );
  });

  test('has stable names in JSON', () => {
    const value = JSON.parse(reportJson(report, english));
    assert.deepEqual(Object.keys(value), [
      'format',
      'task',
      'source',
      'target',
      'run',
      'counts',
      'remarks',
      'attempts',
    ]);
    assert.equal(value.format, 'datatrace.run/1');
    assert.deepEqual(value.run, {
      id: 'run-1',
      startedAt: AT,
      endedAt: AT + 123_000,
      durationMs: 123_000,
      outcome: 'completed_with_errors',
      startedBy: 'person',
      mode: 'manual',
      concurrency: 4,
      units: null,
      rows: 12_345,
      bytes: 1_234_567,
      rejected: 2,
    });
    assert.deepEqual(value.remarks, [
      {
        unit: 'orders',
        status: 'failed',
        severity: 'error',
        code: 'workersEnded',
        args: {},
        text: 'DataTrace is closing: nothing more is started.',
        detail: 'server has gone away',
      },
    ]);
    assert.deepEqual(Object.keys(value.attempts[0]), [
      'unit',
      'attempt',
      'startedAt',
      'endedAt',
      'outcome',
      'rows',
      'bytes',
      'errorCode',
    ]);
  });
});

describe('Markdown from outside', () => {
  test('stays in its code, its cell and its line', () => {
    assert.equal(inlineCode('a``b'), '``` a``b ```');
    assert.equal(inlineCode('a\r\n b'), '`a  b`');
    assert.equal(codeCell('a|b'), 'a\\|b');
    assert.equal(codeCell('a\\|b'), 'a\\\\\\|b');
    assert.equal(escapeMarkdown('[a](b) _c_ __d__ e__f'), '\\[a\\](b) \\_c\\_ \\_\\_d\\_\\_ e\\_\\_f');
    assert.equal(escapeMarkdown('log_lines (2 of 3)'), 'log_lines (2 of 3)', 'readable where nothing can be markup');
    assert.equal(escapeMarkdown('&lt; *x* ~y~ http://z'), '\\&lt; \\*x\\* \\~y\\~ http\\://z');
  });
});
