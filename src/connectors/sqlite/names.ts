/** Names in SQL text: the only place where a SQLite name becomes part of a statement. */

/**
 * Quotes a name for SQLite by doubling quotes; dots stay part of the name.
 * @throws RangeError for a name that holds NUL, which SQLite cannot store
 */
export function quoteName(name: string): string {
  if (name.includes('\0')) throw new RangeError('a name must not contain NUL');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Replaces the name that follows `CREATE [UNIQUE] INDEX`, as SQLite normalizes the stored statement. */
export function withIndexName(sql: string, name: string): string {
  const head = /^CREATE\s+(?:UNIQUE\s+)?INDEX\s+/i.exec(sql)?.[0];
  if (head === undefined) throw new RangeError(`not a CREATE INDEX statement: ${sql.slice(0, 60)}`);
  return head + quoteName(name) + sql.slice(head.length + nameLength(sql.slice(head.length)));
}

/** Whether the text begins with a table's list of columns, as SQLite stores it; no table of another query's rows. */
export function isCreateTable(sql: string): boolean {
  const head = /^CREATE\s+TABLE\s+/i.exec(sql)?.[0];
  if (head === undefined) return false;
  const rest = sql.slice(head.length);
  return rest.slice(nameLength(rest)).trimStart().startsWith('(');
}

export function isCreateIndex(sql: string): boolean {
  return /^CREATE\s+(?:UNIQUE\s+)?INDEX\s/i.test(sql);
}

const CLOSING: Readonly<Record<string, string>> = { '"': '"', '`': '`', "'": "'", '[': ']' };

/** Length of the name token at the start of `sql`, quotes included. */
function nameLength(sql: string): number {
  const closing = CLOSING[sql[0] ?? ''];
  if (closing === undefined) return /^[^\s(]+/.exec(sql)?.[0].length ?? 0;
  for (let at = 1; at < sql.length; at++) {
    if (sql[at] !== closing) continue;
    if (closing === ']' || sql[at + 1] !== closing) return at + 1;
    at++;
  }
  return sql.length;
}
