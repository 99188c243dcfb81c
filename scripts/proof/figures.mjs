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
    command: ['test/store/kill.ts', '--kills', '200', '--json'],
    figures: [atMost('200 kills: lost', (f) => f.lost, 0), atMost('200 kills: corrupt', (f) => f.corrupt, 0)],
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
    command: ['test/model/sim.ts', '--histories', '2000', '--seed', '1', '--json'],
    figures: [
      atMost('2,000 histories: broken', (f) => f.broken, 0),
      atLeast('events of a history, mean', (f) => Math.round(f.events / f.histories), 150),
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
  {
    command: ['test/fidelity/main.ts', '--engine', 'sqlite', '--json'],
    figures: [
      atLeast('nasty SQLite tables', (f) => f.units, 1),
      atMost('nasty SQLite tables: different', (f) => f.different.length, 0),
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
