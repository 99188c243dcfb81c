import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DataError } from '../../../src/core/ports.ts';
import { type DeadLetter, openLetters, readLetters } from '../../../src/pipeline/dead-letters.ts';

let folder = '';
let file = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'dt-letters-'));
  file = join(folder, 'dead-letters', 'shop', 'run.jsonl');
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

function letter(number: number, key = String(number), lane = 0): DeadLetter {
  return {
    place: [lane, number],
    key,
    error: { code: 'c', message: 'no' },
    at: '2026-11-21T22:30:00.000Z',
    row: { id: number },
    stored: { format: 'neutral', values: [`i${number}`], width: 1 },
    fingerprint: 'f',
  };
}

async function append(unit: string, ...lines: Parameters<ReturnType<typeof openLetters>['append']>[1]): Promise<void> {
  const letters = openLetters(file);
  await letters.append(unit, lines);
  await letters.close();
}

async function keys(unit: string): Promise<string[]> {
  const letters = await readLetters(file, unit);
  const found: string[] = [];
  for (const each of letters.open) found.push(`${(await letters.read(each)).key}${each.sent ? ' (sent)' : ''}`);
  await letters.close();
  return found;
}

describe('the file of rejected rows', () => {
  test('is made with the first row, for its user only, and nothing is found where there is none', async () => {
    assert.deepEqual(await keys('a'), []);
    assert.ok(!fs.existsSync(join(folder, 'dead-letters')));
    await append('a', letter(1));
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    assert.equal(fs.statSync(join(folder, 'dead-letters', 'shop')).mode & 0o777, 0o700);
    assert.deepEqual(fs.readdirSync(join(folder, 'dead-letters', 'shop')), ['run.jsonl']);
  });

  test('holds the rows of every unit, whatever it is called', async () => {
    const names = ['a', 'aa', 'a"', '__proto__', 'constructor', 'line\nbreak', 'ü😀', ''];
    for (const [at, name] of names.entries()) await append(name, letter(1, `key ${at}`));
    for (const [at, name] of names.entries()) assert.deepEqual(await keys(name), [`key ${at}`]);
    for (const line of fs.readFileSync(file, 'utf8').split('\n')) JSON.parse(line);
  });

  test('lists a batch that was repeated once, and takes back what an execution did not commit', async () => {
    await append('a', letter(1), letter(2), letter(3, 'old'), letter(4, 'old too'));
    await append('a', { kept: [2] }, letter(3, 'new'));
    assert.deepEqual(await keys('a'), ['1', '2', 'new']);
    await append('a', { kept: [] });
    assert.deepEqual(await keys('a'), []);
  });

  test('counts the rows of each lane by themselves', async () => {
    await append('a', letter(1, 'x', 0), letter(1, 'y', 2), letter(2, 'z', 2));
    await append('a', { kept: [1, null as never, 1] });
    assert.deepEqual(await keys('a'), ['x', 'y']);
    const { counts, close } = await readLetters(file, 'a');
    assert.deepEqual([counts[0], counts[2]], [1, 1]);
    await close();
  });

  test('knows what a replay has sent and written, and what was refused again', async () => {
    await append('a', letter(1), letter(2), letter(3));
    await append(
      'a',
      { ...letter(1, 'again'), again: true },
      {
        sent: [
          [0, 2],
          [0, 3],
        ],
      },
    );
    await append('a', { written: [[0, 2]] });
    assert.deepEqual(await keys('a'), ['again', '3 (sent)']);
  });

  test('half a line, as a kill or a full disk leaves it, costs no other line', async () => {
    await append('a', letter(1));
    fs.appendFileSync(file, '\n{"unit":"a","place":[0,2],"key":"ha');
    await append('b', letter(1, 'b'));
    await append('a', letter(2));
    assert.deepEqual(await keys('a'), ['1', '2']);
    assert.deepEqual(await keys('b'), ['b']);
  });

  test('takes the rows of several writers at a time, long ones too', async () => {
    const writers = Array.from({ length: 4 }, (_, at) => ({ name: `u${at}`, letters: openLetters(file) }));
    const long = 'x'.repeat(700_000);
    await Promise.all(
      writers.map(async ({ name, letters }) => {
        for (let number = 1; number <= 5; number++) await letters.append(name, [letter(number, `${number}${long}`)]);
        await letters.close();
      }),
    );
    for (const { name } of writers) assert.equal((await keys(name)).length, 5);
    const [header, ...lines] = fs.readFileSync(file, 'utf8').split('\n');
    assert.deepEqual(JSON.parse(header ?? ''), { datatrace: 'rejected rows', version: 1 });
    assert.equal(lines.length, 20);
  });

  test('is opened once by lanes that begin at the same time, and closed', {
    skip: process.platform !== 'linux',
  }, async () => {
    const letters = openLetters(file);
    await Promise.all([1, 2, 3].map((number) => letters.append('a', [letter(number)])));
    await letters.close();
    const open = fs.readdirSync('/proc/self/fd').filter((each) => {
      const link = join('/proc/self/fd', each);
      return fs.lstatSync(link, { throwIfNoEntry: false }) !== undefined && fs.readlinkSync(link) === file;
    });
    assert.deepEqual(open, []);
    assert.deepEqual(await keys('a'), ['1', '2', '3']);
  });

  test('is never written through a link, and says why it cannot be used', async () => {
    fs.mkdirSync(join(folder, 'dead-letters', 'shop'), { recursive: true });
    fs.writeFileSync(join(folder, 'other'), '');
    fs.symlinkSync(join(folder, 'other'), file);
    await assert.rejects(append('a', letter(1)), (error: unknown) => {
      assert.ok(error instanceof DataError);
      assert.equal(error.error.code, 'pipeline.deadLettersUnusable');
      return true;
    });
    assert.equal(fs.readFileSync(join(folder, 'other'), 'utf8'), '');
  });
});
