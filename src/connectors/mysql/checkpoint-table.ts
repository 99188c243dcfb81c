/** Checkpoints kept in the target, in the same transaction as the rows they speak of. */
import { quoteName, quoteText } from './quoting.ts';
import { type Session, textRows } from './session.ts';

export const CHECKPOINT_TABLE = 'datatrace_checkpoints';
const TABLE = quoteName(CHECKPOINT_TABLE);

/** Names compare by bytes, so that units which differ only in case stay apart. */
const CREATE =
  `CREATE TABLE IF NOT EXISTS ${TABLE} (` +
  'target_table VARBINARY(256) NOT NULL, source_unit VARBINARY(256) NOT NULL, ' +
  'position LONGBLOB NOT NULL, updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), ' +
  'PRIMARY KEY (target_table, source_unit)) ENGINE=InnoDB';

export type CheckpointOf = { readonly table: string; readonly unit: string };

export async function makeCheckpointTable(session: Session): Promise<void> {
  await session.run(CREATE);
}

function condition({ table, unit }: CheckpointOf): string {
  return `target_table = ${bytes(table)} AND source_unit = ${bytes(unit)}`;
}

function bytes(text: string): string {
  return `X'${Buffer.from(text, 'utf8').toString('hex')}'`;
}

/** The statement that belongs into the transaction of the batch. */
export function checkpointStatement(of: CheckpointOf, checkpoint: string): string {
  return `REPLACE INTO ${TABLE} (target_table, source_unit, position) VALUES (${bytes(of.table)}, ${bytes(of.unit)}, ${bytes(checkpoint)})`;
}

/**
 * A locking read: the server may still be committing the last batch of a connection that was cut. Its row of this table
 * is locked until then, and what an ordinary read sees would be one batch old.
 */
export async function readCheckpoint(session: Session, of: CheckpointOf): Promise<string | null> {
  if (!(await hasCheckpointTable(session))) return null;
  const [row] = await textRows(session, `SELECT position FROM ${TABLE} WHERE ${condition(of)} LOCK IN SHARE MODE`);
  return row?.[0] ?? null;
}

export async function forgetCheckpoint(session: Session, of: CheckpointOf): Promise<void> {
  if (await hasCheckpointTable(session)) await session.run(`DELETE FROM ${TABLE} WHERE ${condition(of)}`);
}

async function hasCheckpointTable(session: Session): Promise<boolean> {
  const rows = await textRows(
    session,
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${quoteText(CHECKPOINT_TABLE)}`,
  );
  return rows.length > 0;
}
