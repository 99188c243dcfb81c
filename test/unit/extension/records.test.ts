import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AttemptRow, RetryPolicy } from '../../../src/core/model.ts';
import { attemptsText } from '../../../src/extension/commands/record-texts.ts';
import { parseAmount, parseRetry, retryText } from '../../../src/extension/commands/setting-texts.ts';
import { unitRow, words } from './support.ts';

describe('what people type for settings', () => {
  const base: RetryPolicy = { attempts: 3, delayMs: 1_000, factor: 2, maxDelayMs: 60_000, jitter: 0.2 };

  test('is an amount with or without a scale', () => {
    const amounts = [
      '0',
      ' 5000 ',
      '20k',
      '1.5M',
      '2 g',
      '1e3',
      '-1',
      '',
      'k',
      '1.5.5',
      'NaN',
      '9'.repeat(20),
      '3; rm',
    ];
    assert.deepEqual(amounts.map(parseAmount), [
      0,
      5_000,
      20_000,
      1_500_000,
      2_000_000_000,
      ...Array.from({ length: 8 }, () => undefined),
    ]);
  });

  test('is a number of retries with or without the first delay', () => {
    assert.deepEqual(parseRetry('5', base), { ...base, attempts: 5 });
    assert.deepEqual(parseRetry(' 2 500ms', base), { ...base, attempts: 2, delayMs: 500 });
    assert.deepEqual(parseRetry('1 2m', base), { ...base, attempts: 1, delayMs: 120_000, maxDelayMs: 120_000 });
    for (const wrong of ['', '-1', '101', '1.5', '3 s', '3 1h', '3 999999m', 'x']) {
      assert.equal(parseRetry(wrong, base), undefined, wrong);
    }
  });

  test('is what is shown to begin with', () => {
    for (const policy of [base, { ...base, delayMs: 250 }, { ...base, delayMs: 120_000 }, { ...base, delayMs: 0 }]) {
      assert.deepEqual(parseRetry(retryText(policy), policy), {
        ...policy,
        maxDelayMs: Math.max(policy.maxDelayMs, policy.delayMs),
      });
    }
  });
});

describe('the executions of a unit', () => {
  const attempt: AttemptRow = {
    runId: 'r',
    unitId: 'u',
    attempt: 1,
    startedAt: 0,
    endedAt: 83_000,
    outcome: 'failed',
    rows: 1_234,
    bytes: 1,
    errorCode: 'mysql.gone',
  };

  test('are a table, newest first as they came', () => {
    const error = { code: 'workersEnded', args: {}, class: 'retryable', message: 'gone | away' } as const;
    const text = attemptsText('shop', unitRow('a|b', 'failed', { error }), [attempt], words);
    assert.match(text, /^# Executions of a\\\|b in shop\n\n> DataTrace is closing: .* gone \\\| away\n/);
    assert.match(text, /\| 1 \| failed \| 1:23 \| 1,234 \| `mysql.gone` \|\n/);
  });

  test('say when there are none', () => {
    assert.match(attemptsText('shop', unitRow('a', 'pending'), [], words), /It has not been executed yet\./);
  });
});
