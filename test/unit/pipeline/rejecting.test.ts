import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Page, Target, UnitSchema, Writer } from '../../../src/connectors/contract.ts';
import { DataError, type UnitJob } from '../../../src/core/ports.ts';
import { readLetters } from '../../../src/pipeline/dead-letters.ts';
import { openRejecting } from '../../../src/pipeline/rejecting.ts';

const ROW_ERROR = new DataError({ code: 'row', args: {}, class: 'permanent', message: 'bad row' });
const page: Page = { rows: 1, bytes: 8, last: '1', data: { format: 'neutral', cells: [1n] } };

function writerOf(write: Writer['write']): Writer {
  return { write, add: () => Promise.reject(ROW_ERROR), commit: async () => {}, close: async () => {} };
}

describe('rejected rows of several lanes', () => {
  let folder = '';
  beforeEach(() => {
    folder = fs.mkdtempSync(join(tmpdir(), 'dt-rejecting-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  const opened = (unitName: string, deadLetters: string) =>
    openRejecting({
      job: {
        ...{ unitName, deadLetters, attempt: 1 },
        settings: { onRowError: 'deadLetter', deadLetterLimit: 10 },
      } as UnitJob,
      schema: { columns: [{ name: 'id' }], key: ['id'], fingerprint: 'f' } as unknown as UnitSchema,
      target: { isRowError: (error: DataError) => error === ROW_ERROR } as Target,
      kept: [],
      alive: () => {},
    });

  test('stay listed when another lane takes back what its repeated batch does not refuse any more', async () => {
    const file = join(folder, 'run.jsonl');
    // Wherever the one is when the other begins.
    for (let turns = 0; turns < 40; turns += 1) {
      const unit = `unit ${turns}`;
      const rejecting = await opened(unit, file);
      const refused = writerOf(async ({ rows }) => {
        if (rows > 0) throw ROW_ERROR;
        return 0;
      });
      const lost = writerOf(async ({ rows }) => {
        if (rows > 0) throw ROW_ERROR;
        throw new Error('deadlock');
      });
      await assert.rejects(rejecting.writer(lost, 0).write(page, null), /deadlock/);
      const others = rejecting.writer(refused, 1).write(page, null);
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      assert.equal(
        await rejecting
          .writer(
            writerOf(async ({ rows }) => rows),
            0,
          )
          .write(page, null),
        1,
      );
      await others;
      await rejecting.close();
      assert.equal(rejecting.rejected(), 1);
      const { open, close } = await readLetters(file, unit);
      await close();
      assert.deepEqual(
        open.map(({ place }) => place),
        [[1, 1]],
        unit,
      );
    }
  });
});
