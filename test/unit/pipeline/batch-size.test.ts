import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { UnitSchema } from '../../../src/connectors/contract.ts';
import type { UnitSettings } from '../../../src/core/settings.ts';
import { batchBytesOf } from '../../../src/pipeline/batch-size.ts';

describe('the size of a batch', () => {
  const KB = 1024;
  const size = (batchBytes: number | 'auto', rowBytes?: number): number =>
    batchBytesOf(
      { batchBytes, batchRows: 5_000 } as UnitSettings,
      (rowBytes === undefined ? {} : { rowBytes }) as UnitSchema,
    );

  test('is what the file says', () => {
    assert.equal(size(70_000, 200), 70_000);
  });

  test('follows the rows otherwise, between 256 KB and 1 MB', () => {
    assert.equal(size('auto', 10), 256 * KB);
    assert.equal(size('auto', 100), 500_000);
    assert.equal(size('auto', 3_000), 1_024 * KB);
  });

  test('is what the target likes, where it says so', () => {
    const target = { batchBytes: { least: 1_024 * KB, most: 4_096 * KB } };
    const settings = { batchBytes: 'auto', batchRows: 5_000 } as UnitSettings;
    const sizes = [10, 300, 3_000].map((rowBytes) => batchBytesOf(settings, { rowBytes } as UnitSchema, target));
    assert.deepEqual(sizes, [1_024 * KB, 1_500_000, 4_096 * KB]);
    assert.equal(batchBytesOf(settings, {} as UnitSchema, target), 1_024 * KB);
    assert.equal(batchBytesOf({ ...settings, batchBytes: 70_000 }, {} as UnitSchema, target), 70_000);
  });

  test('is 512 KB where nothing is known of the rows', () => {
    assert.equal(size('auto'), 512 * KB);
  });
});
