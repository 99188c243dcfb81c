/**
 * @typedef {object} Figure
 * @property {string} name
 * @property {(figures: any) => number | undefined} read from the JSON that the command prints last
 * @property {string} limit in words
 * @property {(value: number) => boolean} holds
 *
 * @typedef {object} Proof
 * @property {readonly string[]} command for the development Node
 * @property {readonly Figure[]} figures
 */

/** The figures that the project promises, and the command that measures each. @type {readonly Proof[]} */
export const proofs = [
  {
    command: ['test/bench/main.ts', 'store', '--json'],
    figures: [
      atMost('durable transition / append + fdatasync', (f) => f.ratios.transition_vs_append_fdatasync_at_100000, 3),
      atMost('transition at 100,000 units / at 100', (f) => f.ratios.transition_100000_vs_100_units, 1.5),
      atMost('fdatasyncs of progress ticks', (f) => f.ours.tick_fdatasyncs_at_100000, 0),
      atMost('open with 100,000 planned units, ms', (f) => f.ours.open_planned_at_100000_ms_p50, 150),
      atMost('open with 100,000 completed units, ms', (f) => f.ours.open_all_completed_at_100000_ms_p50, 150),
    ],
  },
  {
    command: ['test/bench/main.ts', 'startup', '--json'],
    figures: [
      atMost('activation blocks, ms', (f) => f.ours.activation_blocks_ms_max, 150),
      atMost('idle TCP sockets', (f) => f.ours.idle_tcp_sockets, 0),
      atMost('idle timers', (f) => f.ours.idle_timers, 0),
      atMost('VSIX, bytes', (f) => f.ours.vsix_bytes, 1_999_999),
      atMost('panel script, bytes', (f) => f.ours.panel_bytes, 199_999),
    ],
  },
  {
    command: ['test/host/run.ts', 'event-loop', '--json'],
    figures: [
      atMost('event-loop delay p99 over idle, demo run, ms', (f) => f.event_loop_ms_p99_over_idle, 15),
      atMost('longest task of ours, demo run, ms', (f) => f.longest_task_ms, 50),
    ],
  },
  {
    command: ['test/host/run.ts', 'event-loop-servers', '--json'],
    figures: [
      atMost('event-loop delay p99 over idle, 8 units of 200,000 rows, ms', (f) => f.event_loop_ms_p99_over_idle, 15),
      atMost('longest task of ours, 8 units of 200,000 rows, ms', (f) => f.longest_task_ms, 50),
    ],
  },
  {
    command: ['test/store/kill.ts', '--kills', '1000', '--json'],
    figures: [
      atMost('1,000 kills: lost', (f) => f.lost, 0),
      atMost('1,000 kills: corrupt', (f) => f.corrupt, 0),
      atMost('1,000 kills, seconds', (f) => f.seconds, 300),
    ],
  },
  {
    command: ['test/store/kill.ts', '--kills', '100', '--control', 'ack-early', '--json'],
    figures: [atLeast('control ack-early: lost', (f) => f.lost, 1)],
  },
  {
    command: ['test/store/powercut.ts', '--cuts', '200', '--json'],
    figures: [atMost('200 power cuts: lost', (f) => f.lost, 0), atMost('200 power cuts: corrupt', (f) => f.corrupt, 0)],
  },
  ...['no-fdatasync', 'sync-off'].map((control) => ({
    command: ['test/store/powercut.ts', '--cuts', '100', '--control', control, '--json'],
    figures: [atLeast(`control ${control}: lost or corrupt`, (f) => f.lost + f.corrupt, 1)],
  })),
  {
    command: ['test/store/crash.ts', '--points', '10000', '--json'],
    figures: [
      atLeast('crash points', (f) => f.points, 10_000),
      atMost('crash points: lost', (f) => f.lost, 0),
      atMost('crash points: run twice', (f) => f.doubleRuns, 0),
      atMost('crash points: corrupt', (f) => f.corrupt, 0),
      atMost('crash points, seconds', (f) => f.seconds, 90),
    ],
  },
  {
    command: ['test/model/sim.ts', '--histories', '20000', '--seed', '1', '--json'],
    figures: [
      atMost('20,000 histories: broken', (f) => f.broken, 0),
      atMost('20,000 histories, seconds', (f) => f.seconds, 60),
      atLeast('events of a history, mean', (f) => Math.round(f.events / f.histories), 150),
      atLeast('units of a history, mean', (f) => f.units, 30),
      atLeast('rarest pair of state and event, times', (f) => f.leastPair, 100),
    ],
  },
  {
    command: ['test/mutants/main.ts', '--json'],
    figures: [
      atLeast('planted bugs', (f) => f.mutants, 25),
      atMost('planted bugs that no test catches', (f) => f.survivors.length, 0),
      atMost('planted bugs, seconds', (f) => f.seconds, 180),
    ],
  },
  {
    command: ['test/mutation/main.ts', '--json'],
    figures: [atLeast('mutation score of src/core, %', (f) => f.score, 85)],
  },
  {
    command: ['test/bench/main.ts', 'queue', '--json'],
    figures: [
      atMost('reorder of 1,000 entries / append + fdatasync', (f) => f.ratios.reorder_1000_vs_append_fdatasync, 20),
    ],
  },
  {
    command: ['test/bench/main.ts', 'progress', '--json'],
    figures: [
      atMost('store writes a second, 1,000,000 progress events a second', (f) => f.ours.store_writes_per_second, 10),
      atLeast('final figures of progress exact', (f) => Number(f.exact), 1),
    ],
  },
  {
    command: ['test/bench/main.ts', 'reopen', '--json'],
    figures: [
      atMost('open after a crash, 10,000 units, 1,000,000 log rows, ms', (f) => f.ours.open_after_crash_ms_p50, 1000),
    ],
  },
  {
    command: ['test/demo/kills.ts', '--kills', '10', '--json'],
    figures: [
      atLeast('demo killed and resumed, times', (f) => f.kills, 10),
      atMost('demo after its kills: tables that differ', (f) => f.different.length, 0),
      atLeast('demo after its kills: tables completed', (f) => f.units, 100),
    ],
  },
  {
    command: ['test/demo/mariadb.ts', '--json'],
    figures: [
      atLeast('MariaDB to MariaDB: tables', (f) => f.tables, 100),
      atMost('MariaDB to MariaDB: checksums that differ', (f) => f.different.length, 0),
    ],
  },
  ...[
    { kills: 200, lanes: 2, checkpoint: 'store' },
    { kills: 100, lanes: 2, checkpoint: 'target' },
  ].map(({ kills, lanes, checkpoint }) => ({
    command: [
      'test/endurance/kills.ts',
      ...['--kills', String(kills), '--lanes', String(lanes), '--checkpoint', checkpoint, '--json'],
    ],
    figures: [
      atLeast(`copies killed, checkpoint in the ${checkpoint}`, (/** @type {any} */ f) => f.kills, kills),
      atMost('killed copies: tables that differ', (/** @type {any} */ f) => f.different + f.failed, 0),
      atMost('killed copies: checkpoints ahead of the rows', (/** @type {any} */ f) => f.ahead, 0),
      atMost('killed copies: batches repeated', (/** @type {any} */ f) => f.mostRepeatedBatches, lanes),
    ],
  })),
  ...['elasticsearch', 'mysql'].map((from) => ({
    command: ['test/endurance/search-kills.ts', '--from', from, '--kills', '200', '--json'],
    figures: [
      atLeast(`copies from ${from} into an index killed`, (/** @type {any} */ f) => f.kills, 200),
      atMost(`killed copies from ${from}: different`, (/** @type {any} */ f) => f.different + f.failed, 0),
      atMost(`killed copies from ${from}: checkpoints ahead`, (/** @type {any} */ f) => f.ahead, 0),
      atMost(`killed copies from ${from}: batches repeated`, (/** @type {any} */ f) => f.mostRepeatedBatches, 2),
    ],
  })),
  {
    command: ['test/bench/main.ts', 'elasticsearch', '--rows', '1000000', '--json'],
    figures: [
      atMost('small documents: client CPU / elasticdump', (f) => f.ratios['client cpu of elasticdump'], 0.35),
      atMost('small documents: time / elasticdump', (f) => f.ratios['wall of elasticdump'], 0.67),
      atMost('small documents: time / _reindex', (f) => f.ratios['wall of _reindex'], 1.4),
      atMost('1,000,000 small documents: memory, MB', (f) => f.ours.memory_mb, 256),
    ],
  },
  {
    command: ['test/bench/main.ts', 'elasticsearch', '--shape', 'large', '--rows', '20000', '--json'],
    figures: [
      atMost('documents of 10 KB: client CPU / elasticdump', (f) => f.ratios['client cpu of elasticdump'], 0.2),
      atMost('documents of 10 KB: time / elasticdump', (f) => f.ratios['wall of elasticdump'], 0.67),
      atMost('documents of 10 KB: time / _reindex', (f) => f.ratios['wall of _reindex'], 1.4),
      atMost('documents of 10 KB: memory, MB', (f) => f.ours.memory_mb, 256),
    ],
  },
  {
    command: ['test/bench/main.ts', 'elasticsearch', '--shape', 'sql', '--rows', '500000', '--json'],
    figures: [atMost('table into an index: time / helper script', (f) => f.ratios['wall of helper script'], 0.67)],
  },
  {
    command: ['test/servers/every-kind.ts', '--json'],
    figures: [
      atLeast('kinds of server that every suite ran against', (f) => f.kinds, 3),
      atMost('failed tests of suites of one kind, against every kind', (f) => f.failed, 0),
    ],
  },
  {
    command: ['test/endurance/cuts.ts', '--points', '2000', '--json'],
    figures: [
      atLeast('bytes at which the network of a copy failed, each copy exact', (f) => f.points, 2_000),
      atLeast('faults that met a connection', (f) => f.met, 1_500),
    ],
  },
  {
    command: ['test/endurance/pauses.ts', '--pauses', '50', '--json'],
    figures: [
      atLeast('pauses of a copy', (f) => f.pauses, 50),
      atMost('pause acknowledged, ms', (f) => f.acknowledged_ms_max, 100),
      atMost(
        'batches after a pause beyond those under way',
        (f) => f.most_batches_after - f.batches_under_way_at_most,
        0,
      ),
      atMost('paused copies: tables that differ', (f) => f.different, 0),
    ],
  },
  {
    command: ['test/endurance/memory.ts', '--json'],
    figures: [
      atLeast('rows of the largest copy', (f) => f.rows, 20_000_000),
      atMost('memory of 20,000,000 rows, MB', (f) => f.peak_mb, 256),
      atMost('memory of 20,000,000 rows / of 1,000,000', (f) => f.peak_ratio, 1.1),
      atMost('large copies: tables that differ', (f) => f.different, 0),
    ],
  },
  {
    command: ['test/fidelity/main.ts', '--engine', 'sqlite', '--json'],
    figures: [
      atLeast('nasty SQLite tables', (f) => f.units, 1),
      atMost('nasty SQLite tables: different', (f) => f.different.length, 0),
    ],
  },
  {
    command: ['test/fidelity/main.ts', '--engine', 'files', '--json'],
    figures: [
      atLeast('nasty tables over files', (f) => f.units, 1),
      atMost('nasty tables over files: different', (f) => f.different.length, 0),
    ],
  },
  {
    command: ['test/fidelity/main.ts', '--engine', 'elasticsearch', '--json'],
    figures: [
      atLeast('nasty indexes, all pairs of search servers', (f) => f.units, 25 * 8),
      atMost('nasty indexes: different', (f) => f.different.length, 0),
    ],
  },
  {
    command: ['test/fidelity/main.ts', '--engine', 'mysql', '--json'],
    figures: [
      atLeast('nasty MySQL and MariaDB tables, pairs of servers', (f) => Object.keys(f.pairs).length, 9),
      atLeast('nasty MySQL and MariaDB tables, all pairs', (f) => f.units, 9 * 40),
      atMost('nasty MySQL and MariaDB tables: different', (f) => f.different.length, 0),
      atMost('kinds refused between servers of one kind', (f) => f.refusedWithinKind.length, 2),
    ],
  },
];

/**
 * @param {string} name
 * @param {Figure['read']} read
 * @param {number} most
 * @returns {Figure}
 */
function atMost(name, read, most) {
  return { name, read, limit: most === 0 ? '0' : `<= ${most}`, holds: (value) => value <= most };
}

/**
 * @param {string} name
 * @param {Figure['read']} read
 * @param {number} least
 * @returns {Figure}
 */
function atLeast(name, read, least) {
  return { name, read, limit: `>= ${least}`, holds: (value) => value >= least };
}
