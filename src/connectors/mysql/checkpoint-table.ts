/** Checkpoints kept in the target, in the same transaction as the rows they speak of. */
import { serverErrorNumber } from './errors.ts';
import { quoteName, quoteText } from './quoting.ts';
import type { ServerInfo } from './schema.ts';
import { type Session, textRows } from './session.ts';

export const CHECKPOINT_TABLE = 'datatrace_checkpoints';
const TABLE = quoteName(CHECKPOINT_TABLE);

/** Whether a table of this name is the one that keeps checkpoints: no copy may be written into it. */
export function isCheckpointTable({ nameCase }: Pick<ServerInfo, 'nameCase'>, name: string): boolean {
  return (nameCase === 0 ? name : name.toLowerCase()) === CHECKPOINT_TABLE;
}

/** Names compare by bytes, so that units which differ only in case stay apart. A row for each lane of a unit. */
const CREATE =
  `CREATE TABLE IF NOT EXISTS ${TABLE} (` +
  'target_table VARBINARY(256) NOT NULL, source_unit VARBINARY(256) NOT NULL, lane TINYINT UNSIGNED NOT NULL DEFAULT 0, ' +
  'position LONGBLOB NOT NULL, updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), ' +
  'PRIMARY KEY (target_table, source_unit, lane)) ENGINE=InnoDB';
/** A table of before there were lanes. */
const WIDEN =
  `ALTER TABLE ${TABLE} ADD COLUMN lane TINYINT UNSIGNED NOT NULL DEFAULT 0 AFTER source_unit, ` +
  'DROP PRIMARY KEY, ADD PRIMARY KEY (target_table, source_unit, lane)';
const DUPLICATE_COLUMN = 1060;

export type CheckpointOf = { readonly table: string; readonly unit: string };

/** Makes the table, or gives an older one what it lacks. @param former columns of it */
export async function makeCheckpointTable(session: Session, former: readonly string[]): Promise<void> {
  if (former.includes('lane')) return;
  await session.run(CREATE);
  await widen(session, await columnsOfTable(session));
}

async function widen(session: Session, columns: readonly string[]): Promise<void> {
  if (columns.includes('lane')) return;
  await session.run(WIDEN).catch((error: unknown) => {
    // Another unit was faster.
    if (serverErrorNumber((error as { cause?: unknown }).cause) !== DUPLICATE_COLUMN) throw error;
  });
}

function condition({ table, unit }: CheckpointOf): string {
  return `target_table = ${bytes(table)} AND source_unit = ${bytes(unit)}`;
}

function bytes(text: string): string {
  return `X'${Buffer.from(text, 'utf8').toString('hex')}'`;
}

/** The statement that belongs into the transaction of the batch. */
export function checkpointStatement(
  { table, unit, lane }: CheckpointOf & { lane: number },
  checkpoint: string,
): string {
  const values = [bytes(table), bytes(unit), lane, bytes(checkpoint)].join(', ');
  return `REPLACE INTO ${TABLE} (target_table, source_unit, lane, position) VALUES (${values})`;
}

/**
 * Those of all lanes. A locking read: the server may still be committing the last batch of a connection that was cut. Its
 * row of this table is locked until then, and what an ordinary read sees would be one batch old.
 */
export async function readCheckpoints(session: Session, of: CheckpointOf): Promise<string[]> {
  // Whoever dropped it gets it back: the copy goes on without what it said.
  await makeCheckpointTable(session, await columnsOfTable(session));
  const rows = await textRows(
    session,
    `SELECT position FROM ${TABLE} WHERE ${condition(of)} ORDER BY lane LOCK IN SHARE MODE`,
  );
  return rows.flatMap(([position]) => position ?? []);
}

/** Removes the checkpoints of all lanes. @param columns of the table, where they were asked for already */
export async function forgetCheckpoint(session: Session, of: CheckpointOf, columns?: readonly string[]): Promise<void> {
  const present = columns ?? (await columnsOfTable(session));
  if (present.length > 0) await session.run(`DELETE FROM ${TABLE} WHERE ${condition(of)}`);
}

/** Columns of the table that keeps checkpoints; none: there is no such table. */
export async function columnsOfTable(session: Session): Promise<string[]> {
  const rows = await textRows(
    session,
    `SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${quoteText(CHECKPOINT_TABLE)}`,
  );
  return rows.flatMap(([name]) => name ?? []);
}
