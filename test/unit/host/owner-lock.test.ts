import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { acquireOwner, type Owner, readOwner, watchOwner } from '../../../src/host/owner-lock.ts';
import { hostIdentity, processStart } from '../../../src/host/process-identity.ts';
import { temporaryFolder, until } from './support.ts';

const root = temporaryFolder();
const newFolder = (): string => mkdtempSync(join(root, 'lock-'));
const lockFile = (folder: string): string => join(folder, 'owner.lock');
const acquire = (folder: string, more = {}) => acquireOwner({ folder, app: 'test', socket: 's', ...more });

async function own(folder: string, more = {}) {
  const { lock } = await acquire(folder, more);
  assert.ok(lock !== null, 'the lock was free');
  return lock;
}

function writeOwner(folder: string, owner: Partial<Owner>): void {
  const whole = {
    pid: 1,
    host: 'h',
    processStart: null,
    nonce: 'n',
    heartbeat: Date.now(),
    app: 'other',
    socket: '',
    ...owner,
  };
  writeFileSync(lockFile(folder), JSON.stringify(whole));
}

const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
});

function contender(folder: string, startAt = 0): { child: ChildProcess; verdict: Promise<string> } {
  const script = fileURLToPath(new URL('owner-contender.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder, String(startAt)], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const verdict = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('exit', (code) => reject(new Error(`the contender ended with ${code}`)));
  });
  return { child, verdict };
}

describe('owner lock', () => {
  test('the first one owns, the second one is told who it is', async () => {
    const folder = newFolder();
    const lock = await own(folder);
    const second = await acquire(folder);
    assert.equal(second.lock, null);
    if (second.lock === null) assert.deepEqual({ ...second.owner, heartbeat: 0 }, { ...lock.owner, heartbeat: 0 });
    lock.assertOwner();
    lock.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  test('after a release the next one owns', async () => {
    const folder = newFolder();
    (await own(folder)).release();
    (await own(folder)).release();
  });

  test('the file is private and says who owns', async () => {
    const folder = newFolder();
    const lock = await own(folder);
    const said = JSON.parse(readFileSync(lockFile(folder), 'utf8')) as Owner;
    assert.equal(said.pid, process.pid);
    assert.equal(said.app, 'test');
    assert.equal(readOwner(folder)?.nonce, said.nonce);
    lock.release();
  });

  test('a heartbeat renews the sign of life', async () => {
    const folder = newFolder();
    const lock = await own(folder, { heartbeatMs: 10 });
    const first = readOwner(folder)?.heartbeat ?? 0;
    await until(() => (readOwner(folder)?.heartbeat ?? 0) > first);
    lock.release();
  });

  test('an owner on this host that is dead is replaced', async () => {
    const folder = newFolder();
    const { child, verdict } = contender(folder);
    assert.equal(await verdict, 'owner');
    assert.equal((await acquire(folder)).lock, null);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    (await own(folder)).release();
  });

  test('a process with the number of a dead owner does not keep its lock', async (context) => {
    if (process.platform === 'win32') return context.skip('Windows does not tell when a process started');
    const folder = newFolder();
    writeOwner(folder, { pid: process.pid, host: hostIdentity(), processStart: 'another start' });
    (await own(folder)).release();
  });

  test('a live owner on this host keeps its lock however old its heartbeat is', async () => {
    const folder = newFolder();
    const start = await processStart(process.pid);
    writeOwner(folder, { pid: process.pid, host: hostIdentity(), processStart: start, heartbeat: 1 });
    assert.equal((await acquire(folder)).lock, null);
  });

  test('an owner on another host keeps its lock while its heart beats', async () => {
    const folder = newFolder();
    writeOwner(folder, { host: 'elsewhere', heartbeat: Date.now() - 20_000 });
    assert.equal((await acquire(folder)).lock, null);
  });

  test('a silent owner on another host is replaced after a second look', async () => {
    const folder = newFolder();
    writeOwner(folder, { host: 'elsewhere', heartbeat: Date.now() - 31_000 });
    (await own(folder, { secondLookMs: 10 })).release();
  });

  test('the same of one whose last sign of life lies ahead: the clock was set back since', async () => {
    const folder = newFolder();
    writeOwner(folder, { host: 'elsewhere', heartbeat: Date.now() + 3_600_000 });
    (await own(folder, { secondLookMs: 10 })).release();
  });

  test('an owner on another host that beats between the two looks keeps its lock', async () => {
    const folder = newFolder();
    writeOwner(folder, { host: 'elsewhere', heartbeat: Date.now() - 31_000 });
    const second = acquire(folder, { secondLookMs: 300 });
    await until(() => existsSync(lockFile(folder)));
    writeOwner(folder, { host: 'elsewhere', heartbeat: Date.now() - 30_500 });
    assert.equal((await second).lock, null);
  });

  test('a file that stays unreadable is replaced', async () => {
    const folder = newFolder();
    writeFileSync(lockFile(folder), '{"pid":');
    (await own(folder)).release();
  });

  test('a takeover that was left open by a dead process does not block for ever', async () => {
    const folder = newFolder();
    writeOwner(folder, { pid: 2 ** 22 + 1, host: hostIdentity() });
    mkdirSync(`${lockFile(folder)}.takeover`);
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(`${lockFile(folder)}.takeover`, longAgo, longAgo);
    (await own(folder)).release();
  });

  test('what stands in the way of a takeover is said, and not waited for', async () => {
    const folder = newFolder();
    writeOwner(folder, { pid: 2 ** 22 + 1, host: hostIdentity() });
    const door = `${lockFile(folder)}.takeover`;
    writeFileSync(door, '');
    const longAgo = Date.now() / 1000 - 60;
    utimesSync(door, longAgo, longAgo);
    await assert.rejects(acquire(folder), /owner\.lock\.takeover/);
  });

  test('of many processes that take over a dead owner at once exactly one owns', async () => {
    for (let race = 0; race < 3; race++) {
      const folder = newFolder();
      writeOwner(folder, { pid: 2 ** 22 + 1, host: hostIdentity() });
      const startAt = Date.now() + 700;
      const all = Array.from({ length: 5 }, () => contender(folder, startAt));
      const verdicts = await Promise.all(all.map(({ verdict }) => verdict));
      assert.deepEqual(verdicts.sort(), ['owner', 'viewer', 'viewer', 'viewer', 'viewer']);
      for (const { child } of all) child.kill('SIGKILL');
    }
  });

  test('an owner that slept while another took over finds out before its next commit', async () => {
    const folder = newFolder();
    const lock = await own(folder, { heartbeatMs: 3_600_000 });
    let lost = 0;
    lock.onLost(() => lost++);
    writeOwner(folder, { host: 'elsewhere', nonce: 'theirs' });
    const realNow = Date.now;
    try {
      Date.now = () => realNow() + 3 * 3_600_000; // the laptop was closed for three hours
      assert.throws(() => lock.assertOwner(), { code: 'host.notOwner' });
      assert.throws(() => lock.assertOwner(), { code: 'host.notOwner' });
    } finally {
      Date.now = realNow;
    }
    assert.equal(lost, 1);
    lock.release();
    assert.equal(readOwner(folder)?.nonce, 'theirs', 'the new owner keeps its file');
  });

  test('the heartbeat notices a takeover and never writes into the new owner’s file', async () => {
    const folder = newFolder();
    const lock = await own(folder, { heartbeatMs: 10 });
    let lost = false;
    lock.onLost(() => {
      lost = true;
    });
    writeOwner(folder, { host: 'elsewhere', nonce: 'theirs', heartbeat: 5 });
    await until(() => lost);
    assert.equal(readOwner(folder)?.heartbeat, 5);
    assert.throws(() => lock.assertOwner(), { code: 'host.notOwner' });
  });

  test('watchers hear of a change of hands, not of heartbeats', async () => {
    const folder = newFolder();
    let heard = 0;
    const watcher = watchOwner(folder, () => heard++);
    const lock = await own(folder, { heartbeatMs: 5 });
    await until(() => heard === 1);
    const beat = readOwner(folder)?.heartbeat ?? 0;
    await until(() => (readOwner(folder)?.heartbeat ?? 0) > beat + 20);
    assert.equal(heard, 1);
    lock.release();
    await until(() => heard === 2);
    watcher.dispose();
  });

  for (const how of ['lives', 'is stopped']) {
    test(`a person takes over from an owner that ${how}: it commits nothing any more`, async () => {
      const folder = newFolder();
      const script = fileURLToPath(new URL('owner-committer.ts', import.meta.url));
      const child = spawn(process.execPath, [script, folder, '100'], { stdio: ['ignore', 'pipe', 'inherit'] });
      children.push(child);
      let said = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      await until(() => said.includes('committed'));
      if (how === 'is stopped') child.kill('SIGSTOP');
      assert.equal((await acquire(folder)).lock, null, 'nobody takes it without being told to');
      const lock = await own(folder, { force: true, heartbeatMs: 100 });
      const since = Date.now();
      child.kill('SIGCONT');
      await until(() => said.includes('refused'));
      assert.match(said, /refused host\.notOwner true/);
      const last = Number(/committed (\d+)\n(?!committed)/.exec(said)?.[1]);
      assert.ok(last <= since, `it committed ${last - since} ms after another one owned the store`);
      lock.assertOwner();
      lock.release();
    });
  }

  test('of several who take over at once by force one owns in the end, the others are told', async () => {
    const folder = newFolder();
    await own(folder, { heartbeatMs: 100 });
    const taken = await Promise.all([1, 2, 3].map(() => own(folder, { force: true, heartbeatMs: 100 })));
    const still = taken.filter((lock) => {
      try {
        lock.assertOwner();
        return lock.owner.nonce === readOwner(folder)?.nonce;
      } catch {
        return false;
      }
    });
    assert.equal(still.length, 1);
    for (const lock of taken) lock.release();
  });
});
