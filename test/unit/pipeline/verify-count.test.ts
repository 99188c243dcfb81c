import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Source, Target, UnitSchema } from '../../../src/connectors/contract.ts';
import type { UnitJob } from '../../../src/core/ports.ts';
import { type Copied, VerificationFailed, verifyCount } from '../../../src/pipeline/verify.ts';
import { SETTINGS } from '../../conformance/run-unit.ts';

interface Counts {
  readonly source: number;
  readonly target: number;
}

function copied({ source, target }: Counts, more: Partial<Copied> = {}, snapshot = false): Copied {
  return {
    job: { unitName: 'orders', settings: { ...SETTINGS, snapshot } } as UnitJob,
    schema: { unit: 'orders', key: ['id'] } as unknown as UnitSchema,
    source: { count: async () => source } as unknown as Source,
    target: { count: async () => target } as unknown as Target,
    ...{ upTo: '[9]', prepared: 'created', overOldRows: false, before: 10, read: 10, rejected: 0 },
    ...more,
  };
}

const codeOf = async (of: Copied): Promise<string | null> =>
  verifyCount(of).then(
    (note) => note?.code ?? null,
    (error: VerificationFailed) => {
      assert.ok(error instanceof VerificationFailed);
      return `failed: ${error.error.code}`;
    },
  );

describe('a verification by count', () => {
  test('has nothing to say when all counts are equal', async () => {
    assert.equal(await codeOf(copied({ source: 10, target: 10 })), null);
  });

  test('notes that the source changed, also where it ended with as many rows as were read', async () => {
    assert.equal(await codeOf(copied({ source: 11, target: 10 })), 'pipeline.sourceChanged');
    assert.equal(await codeOf(copied({ source: 10, target: 10 }, { before: 8 })), 'pipeline.sourceMoved');
    assert.equal(await codeOf(copied({ source: 10, target: 10 }, { before: null })), null);
  });

  test('fails for rows that are missing or too many', async () => {
    assert.equal(await codeOf(copied({ source: 10, target: 9 })), 'failed: pipeline.verifyFailed');
    assert.equal(await codeOf(copied({ source: 10, target: 11 })), 'failed: pipeline.verifyFailed');
    assert.equal(await codeOf(copied({ source: 10, target: 11 }, { prepared: 'rows' })), null);
  });

  test('takes rows that were read twice for as many as the source has of them', async () => {
    const reread = { reread: true, read: 12, before: null };
    assert.equal(await codeOf(copied({ source: 10, target: 10 }, reread)), 'pipeline.sourceChanged');
    assert.equal(await codeOf(copied({ source: 10, target: 9 }, reread)), 'failed: pipeline.verifyFailed');
    assert.equal(await codeOf(copied({ source: 10, target: 8 }, { ...reread, rejected: 2 })), 'pipeline.sourceChanged');
    assert.equal(await codeOf(copied({ source: 20, target: 11 }, reread)), 'failed: pipeline.verifyFailed');
  });

  test('of a snapshot takes no difference for a change of the source', async () => {
    assert.equal(await codeOf(copied({ source: 11, target: 10 }, {}, true)), 'failed: pipeline.snapshotCount');
    assert.equal(
      await codeOf(copied({ source: 10, target: 11 }, { overOldRows: true }, true)),
      'failed: pipeline.verifyFailed',
    );
    assert.equal(await codeOf(copied({ source: 10, target: 10 }, {}, true)), null);
  });
});
