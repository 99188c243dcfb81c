/** Bugs around the scheduler: in the engine, the store, the copying of rows, the lock. */
import type { Mutant } from './mutant.ts';

export const OTHER_MUTANTS: readonly Mutant[] = [
  {
    name: 'a command is answered before it is durable',
    file: 'src/engine/event-loop.ts',
    find: '      await durable;\n      mustBeOurs(key, store);',
    replace: '      void durable;\n      mustBeOurs(key, store);',
    suites: ['test/unit/engine/manager.test.ts'],
  },
  {
    name: 'used retries are not stored',
    file: 'src/store/columns.ts',
    find: "retriesUsed: plain('retries_used'),",
    replace: 'retriesUsed: { columns: [], write: () => undefined },',
    suites: ['test/unit/store/store.test.ts'],
  },
  {
    name: 'the place of an entry in the queue is not stored when it moves',
    file: 'src/store/changes.ts',
    find: "['unit_id', 'task_id', 'queue_order', 'added_at'], ['unit_id']);",
    replace: "['unit_id', 'task_id', 'queue_order', 'added_at'], ['unit_id', 'queue_order']);",
    suites: ['test/unit/store/queue-history.test.ts#comes back in its order'],
  },
  {
    name: 'the last progress of a unit is written after its end',
    file: 'src/store/tick-buffer.ts',
    find: 'return [...waiting.values()].filter((change) => tasks.has(taskOf(change)) || rows.has(rowOf(change)));',
    replace: 'return [];',
    suites: ['test/unit/store/store.test.ts'],
  },
  {
    name: 'waiting progress drops what a newer report does not say',
    file: 'src/store/tick-buffer.ts',
    find: 'return { ...newer, set: { ...older.set, ...newer.set } } as Change;',
    replace: 'return newer;',
    suites: ['test/unit/store/store.test.ts'],
  },
  {
    name: 'a checkpoint is told before its rows are committed',
    file: 'src/pipeline/copy.ts',
    find: 'const acknowledged = await writer.write(page, inTarget ? checkpoint : null);',
    replace:
      'if (checkpoint !== null && !inTarget) {\n      report(run, checkpoint);\n      await recorded(ports);\n    }\n    const acknowledged = await writer.write(page, inTarget ? checkpoint : null);',
    suites: ['test/integration/sqlite-conformance.test.ts'],
  },
  {
    name: 'a copy is not verified',
    file: 'src/pipeline/verify.ts',
    find: "if (job.settings.verify === 'none') return null;",
    replace: 'if (job.settings.verify !== null) return null;',
    suites: ['test/integration/sqlite-conformance.test.ts'],
  },
  {
    name: 'the throttle drops the last progress',
    file: 'src/pipeline/copy.ts',
    find: "  progress.flush();\n  ports.report({ type: 'finished', outcome });",
    replace: "  ports.report({ type: 'finished', outcome });",
    suites: ['test/integration/sqlite-conformance.test.ts'],
  },
  {
    name: 'a page begins with the last row of the page before',
    file: 'src/connectors/sqlite/source.ts',
    find: "compareKey(key, '>', 1)",
    replace: "compareKey(key, '>=', 1)",
    suites: ['test/integration/sqlite-conformance.test.ts'],
  },
  {
    name: 'names of SQLite are not quoted',
    file: 'src/connectors/sqlite/names.ts',
    find: "name.replaceAll('\"', '\"\"')",
    replace: 'name',
    suites: ['test/integration/sqlite-conformance.test.ts', 'test/integration/sqlite-fidelity.test.ts'],
  },
  {
    name: 'names of MySQL are not quoted',
    file: 'src/connectors/mysql/quoting.ts',
    find: "name.replaceAll('`', '``')",
    replace: 'name',
    suites: ['test/unit/connectors/mysql/quoting.test.ts'],
  },
  {
    name: 'text of MySQL is not quoted',
    file: 'src/connectors/mysql/quoting.ts',
    find: 'text.replaceAll("\'", "\'\'")',
    replace: 'text',
    suites: ['test/unit/connectors/mysql/quoting.test.ts'],
  },
  {
    name: 'the lock is taken over without looking whose it is by now',
    file: 'src/host/owner-lock.ts',
    find: "if (found === 'none' || now !== staleNonce) return false;",
    replace: "if (found === 'none') return false;",
    suites: ['test/unit/host/owner-lock.test.ts#take over|takes over|takeover'],
  },
  {
    name: 'a heartbeat is written into the lock of another host',
    file: 'src/host/owner-lock.ts',
    find: "if (found.nonce !== own.nonce) return 'not ours';",
    replace: '',
    suites: ['test/unit/host/owner-lock.test.ts#take over|takes over|takeover'],
  },
];
