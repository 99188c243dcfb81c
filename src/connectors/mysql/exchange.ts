/** Several requests sent at once on one connection, and their answers in order: one round trip. */
import type { PoolConnection } from 'mysql2';
import { converse } from './driver-packets.ts';
import { type Answer, isEnd, isError, type Request, readDone, readError, readPrepared } from './protocol.ts';

/**
 * Every request is carried out whatever becomes of those before it: a refused one is an answer, too.
 * @param settle called once, with an error when the connection fails
 */
export function exchange(
  raw: PoolConnection,
  requests: readonly Request[],
  settle: (error: unknown, answers?: Answer[]) => void,
): void {
  const waiting = requests.filter((each) => each.expects !== 'nothing').map((each) => each.expects);
  const answers: Answer[] = [];
  /** Packets of a prepared statement's answer: its descriptions, each list ended. */
  let lists = 0;
  const finish = (): boolean => {
    if (answers.length < waiting.length) return false;
    settle(null, answers);
    return true;
  };
  converse(raw, {
    begin: (line) => {
      line.send(requests.map((each) => each.packet));
      return finish();
    },
    packet: (bytes, from, to, line) => {
      if (isError(bytes, from)) {
        lists = 0;
        answers.push({ kind: 'refused', error: readError(bytes, from, to) });
      } else if (lists > 0) {
        if (!isEnd(bytes, from, to)) return false;
        lists -= 1;
        if (lists > 0) return false;
      } else if (waiting[answers.length] === 'prepared') {
        const prepared = readPrepared(bytes, from, to);
        answers.push({ kind: 'prepared', statement: prepared.statement });
        lists = prepared.lists;
        if (lists > 0) return false;
      } else {
        answers.push(readDone(bytes, from, to));
      }
      line.nextAnswer();
      return finish();
    },
    failed: settle,
  });
}
