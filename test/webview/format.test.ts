import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createFormat, rough } from '../../webview/format.ts';
import { stringsOf } from '../../webview/strings.ts';

describe('figures as people read them', () => {
  const format = createFormat('en');

  test('a percentage is rounded down: 100 % only when everything is done', () => {
    assert.deepEqual([0, 0.2, 41.9, 99.99, 100].map(format.percent), ['0%', '0.2%', '41%', '99.9%', '100%']);
  });

  test('time left has one unit', () => {
    const { timeLeft } = stringsOf('en');
    const minute = 60_000;
    const seen = [1_000, 22_000, 58_000, 4 * minute, 59 * minute, 60 * minute, 30 * 60 * minute, 80 * 60 * minute];
    assert.deepEqual(
      seen.map((ms) => timeLeft(rough(ms))),
      [
        'a few seconds left',
        'about 20 s left',
        'about 1 min left',
        'about 4 min left',
        'about 59 min left',
        'about 1 h left',
        'about 30 h left',
        'about 3 days left',
      ],
    );
  });

  test('durations and countdowns', () => {
    assert.deepEqual([20, 340, 9_960, 83_000, 7_500_000].map(format.duration), [
      '0.1 s',
      '0.3 s',
      '10 s',
      '1 min 23 s',
      '2 h 5 min',
    ]);
    assert.deepEqual([4_000, 208_000, 7_510_000].map(format.clock), ['0:04', '3:28', '2:05:10']);
  });

  test('bytes and short counts', () => {
    assert.deepEqual([0, 999, 1_000, 708_400_000].map(format.bytes), ['0 B', '999 B', '1 kB', '708 MB']);
    assert.deepEqual([1_293, 18_412].map(format.short), ['1,293', '18.4K']);
  });
});
