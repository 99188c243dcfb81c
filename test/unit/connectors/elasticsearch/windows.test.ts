import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createWindows } from '../../../../src/connectors/elasticsearch/windows.ts';

interface Read {
  readonly searches: number;
  readonly wasted: number;
  readonly pages: readonly number[];
}

/** Reads numbers 0 to `last`, of which `documentsAt` says how many documents have each, and how large they are. */
function read(
  last: number,
  { mostRows = 100, pageBytes = 10_000, shards = 1, density = 1, bytesOf = (_seq: number) => 100 },
  documentsAt: (seq: number) => number,
): Read {
  const windows = createWindows({ mostRows, pageBytes, shards }, density, null);
  const pages: number[] = [];
  let behind = -1;
  let searches = 0;
  let wasted = 0;
  while (behind < last) {
    assert.ok(searches < 10_000, 'it does not come to an end');
    searches += 1;
    const width = Math.min(windows.width(1), last - behind);
    assert.ok(width >= 1);
    let rows = 0;
    let bytes = 0;
    for (let seq = behind + 1; seq <= behind + width; seq++) {
      rows += documentsAt(seq);
      bytes += documentsAt(seq) * bytesOf(seq);
    }
    if (rows > mostRows && width > 1) {
      wasted += 1;
      windows.tooMany(width, rows);
      continue;
    }
    if (bytes > 3 * pageBytes && width > 1) {
      wasted += 1;
      windows.tooLarge(width);
      continue;
    }
    windows.came(width, rows, bytes);
    behind += width;
    pages.push(rows);
  }
  return { searches, wasted, pages };
}

const sum = (pages: readonly number[]): number => pages.reduce((all, rows) => all + rows, 0);

describe('ranges of sequence numbers', () => {
  test('without gaps fill their pages, and no search is in vain', () => {
    const { pages, wasted, searches } = read(9_999, {}, () => 1);
    assert.equal(sum(pages), 10_000);
    assert.equal(wasted, 0);
    assert.ok(searches <= 115, `${searches} searches`);
  });

  test('of several shards are narrower, as each number may be there in each', () => {
    const { pages, wasted } = read(9_999, { shards: 5, density: 5 }, () => 5);
    assert.equal(sum(pages), 50_000);
    assert.equal(wasted, 0);
    assert.ok(Math.max(...pages) <= 100);
  });

  test('with gaps become wider, and narrower again where there are none', () => {
    const { pages, searches, wasted } = read(99_999, {}, (seq) => (seq % 20 === 0 || seq > 90_000 ? 1 : 0));
    assert.equal(sum(pages), 14_500);
    assert.ok(searches < 250, `${searches} searches`);
    assert.ok(wasted < 8, `${wasted} in vain`);
  });

  test('of an index of which nearly nothing matches are as wide as that says', () => {
    const { searches } = read(9_999_999, { density: 50 / 10_000_000 }, (seq) => (seq % 200_000 === 0 ? 1 : 0));
    assert.ok(searches < 10, `${searches} searches`);
  });

  test('follow the size of the documents, down to a single one', () => {
    const large = (seq: number): number => (seq < 2_000 ? 10 : seq < 2_100 ? 9_000 : 100);
    const { pages, searches, wasted } = read(4_999, { bytesOf: large }, () => 1);
    assert.equal(sum(pages), 5_000);
    assert.ok(searches < 240, `${searches} searches`);
    assert.ok(wasted < 15, `${wasted} in vain`);
    const huge = read(99, { bytesOf: () => 1_000_000 }, () => 1);
    assert.ok(huge.pages.every((rows) => rows === 1));
    assert.ok(huge.wasted < 10, `${huge.wasted} in vain`);
  });

  test('are halved with each try that failed', () => {
    const windows = createWindows({ mostRows: 100, pageBytes: 1e9, shards: 1 }, 1, 10);
    assert.deepEqual([1, 2, 3, 20].map(windows.width), [100, 50, 25, 1]);
  });
});
