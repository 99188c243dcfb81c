/**
 * A process of its own that connects to hostile servers, as a worker does: it says how each attempt ended, what nobody
 * caught, and how much memory it took at most.
 */
import { connectorWith, mysqlConnector } from '../../src/connectors/mysql/connector.ts';
import type { DataError } from '../../src/core/ports.ts';
import type { MysqlConnection } from '../../src/core/settings.ts';
import { word } from '../../src/wording/word.ts';
import { copyPart, settingsFor, WAYS } from '../integration/mysql-copy.ts';

export type Job = {
  readonly id: number;
  readonly asks: 'test' | 'read' | 'write';
  /** A way of `WAYS`; the product's own when there is none. */
  readonly way?: keyof typeof WAYS;
  /** Where the copy keeps its checkpoints; the store where nothing is said. */
  readonly checkpoint?: 'target';
  readonly hostile: MysqlConnection;
  readonly real: MysqlConnection;
  readonly table: string;
};

export type Told =
  | { readonly type: 'ready' }
  | {
      readonly type: 'ended';
      readonly id: number;
      /** The error's code, or what went well. */
      readonly code: string;
      readonly sentence: string;
      readonly ms: number;
    }
  | { readonly type: 'uncaught'; readonly error: string }
  | { readonly type: 'memory'; readonly peakMb: number };

const tell = (told: Told): boolean => process.send?.(told) ?? false;
const connectors = new Map(Object.entries(WAYS).map(([name, ways]) => [name, connectorWith(ways)]));

async function work(job: Job): Promise<string> {
  const connector = connectors.get(job.way ?? '') ?? mysqlConnector;
  if (job.asks === 'test') return `fine: ${(await connector.test(job.hostile)).server}`;
  const checkpoint = job.checkpoint ?? 'store';
  const settings = settingsFor(`${job.table}_${job.id}`, { batchRows: 10, checkpoint });
  const source = await connector.openSource(job.asks === 'read' ? job.hostile : job.real);
  try {
    const target = await connector.openTarget(job.asks === 'write' ? job.hostile : job.real);
    try {
      const schema = await source.describe(job.table, settings);
      const refusals = [...schema.refusals, ...(await target.plan(schema, settings)).refusals];
      if (refusals[0] !== undefined) return `refused: ${refusals[0].code}`;
      const part = { after: null, pages: Number.POSITIVE_INFINITY, prepare: true };
      const copied = await copyPart(source, target, schema, settings, part);
      const counts = [await source.count(schema, null, null), await target.count(schema, settings, null)];
      await target.finish(schema, settings);
      return `fine: ${copied.rows} of ${counts.join(', ')}`;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function run(job: Job): Promise<void> {
  const begun = performance.now();
  const ended = (code: string, sentence: string): boolean =>
    tell({ type: 'ended', id: job.id, code, sentence, ms: performance.now() - begun });
  try {
    ended(await work(job), '');
  } catch (error) {
    const ours = (error as DataError).error;
    if (ours === undefined) ended(`no error of ours: ${(error as Error).stack}`, '');
    else ended(ours.code, word({ code: ours.code, args: ours.args }, 'en'));
  }
}

let peak = process.memoryUsage().rss;
setInterval(() => {
  peak = Math.max(peak, process.memoryUsage().rss);
}, 5).unref();

process.on('uncaughtException', (error) => tell({ type: 'uncaught', error: String(error.stack) }));
process.on('unhandledRejection', (error) => tell({ type: 'uncaught', error: `rejection: ${String(error)}` }));
process.on('message', (message: Job | 'memory' | 'end') => {
  if (message === 'end') process.disconnect();
  else if (message === 'memory') {
    tell({ type: 'memory', peakMb: peak / 1_048_576 });
    peak = process.memoryUsage().rss;
  } else void run(message);
});
tell({ type: 'ready' });
