/**
 * One consistent snapshot, held by one session: everything asked of it is answered as the database was in that moment.
 * Whoever asks takes turns; the session, and with it the snapshot, ends with the first scope that is cut.
 */
import type { MysqlConnection } from '../../core/settings.ts';
import { borrowing, reasonOf, type Session, type Sessions } from './session.ts';

/** Whatever the server has for a default: with another isolation each statement would see a moment of its own. */
const BEGIN = [
  'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
  'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
];

/** Begins the snapshot on a connection of its own; `close` ends it and gives the connection back. */
export async function openSnapshot(sessions: Sessions): Promise<Sessions> {
  const session = await sessions.session();
  try {
    for (const sql of BEGIN) await session.run(sql);
  } catch (error) {
    session.destroy();
    throw error;
  }
  const close = async (): Promise<void> => {
    // A connection with an open transaction must not be lent to anybody else.
    await session.run('ROLLBACK').catch(() => session.destroy());
    session.release();
  };
  return overSession(session, sessions.connection, close);
}

function overSession(
  session: Session,
  connection: MysqlConnection,
  close: () => Promise<void>,
  signal?: AbortSignal,
): Sessions {
  const lend = async (): Promise<Session> => {
    if (signal?.aborted) throw reasonOf(signal, connection);
    const cut = (): void => session.destroy();
    signal?.addEventListener('abort', cut, { once: true });
    const giveBack = (): void => signal?.removeEventListener('abort', cut);
    return lent(session, giveBack, (error) => (signal?.aborted ? reasonOf(signal, connection) : error));
  };
  return {
    connection,
    session: lend,
    use: borrowing(lend),
    within: (inner) => overSession(session, connection, close, inner),
    close,
  };
}

/** The same session, kept when it is given back. @param explain says why a statement was cut */
function lent(session: Session, giveBack: () => void, explain: (error: unknown) => unknown): Session {
  const told = <T>(answer: Promise<T>): Promise<T> =>
    answer.catch((error: unknown) => {
      throw explain(error);
    });
  return {
    ...session,
    rows: (sql, about) => told(session.rows(sql, about)),
    ask: (questions, about) => told(session.ask(questions, about)),
    run: (sql, limit) => told(session.run(sql, limit)),
    execute: (sql, values) => told(session.execute(sql, values)),
    exchange: (requests) => told(session.exchange(requests)),
    stream: (sql) => {
      const stream = session.stream(sql);
      return { ...stream, next: (rows, bytes) => told(stream.next(rows, bytes)) };
    },
    packets: (sql, onRow) => {
      const stream = session.packets(sql, onRow);
      return { ...stream, pull: (enough) => told(stream.pull(enough)) };
    },
    release: giveBack,
  };
}
