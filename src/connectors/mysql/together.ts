/** Questions that are asked in the same breath on one connection are sent together: one round trip. */
import type { Session, Sessions } from './session.ts';
import type { Answered, Question } from './small-answer.ts';

type Asked = {
  readonly questions: readonly Question[];
  readonly answers: PromiseWithResolvers<Answered[]>;
};

type Breath = { limitMs: number; readonly asked: Asked[] };

/**
 * @param send asks all of them, and answers in order
 * @returns asks; the longest of their time limits holds for all of them, 0 = none
 */
export function askTogether(
  send: (questions: readonly Question[], limitMs: number) => Promise<Answered[]>,
): (questions: readonly Question[], limitMs: number) => Promise<Answered[]> {
  let breath: Breath | null = null;
  const sendAll = async (asked: readonly Asked[], limitMs: number): Promise<void> => {
    try {
      const answers = await send(
        asked.flatMap((each) => each.questions),
        limitMs,
      );
      let from = 0;
      for (const each of asked) {
        each.answers.resolve(answers.slice(from, from + each.questions.length));
        from += each.questions.length;
      }
    } catch (error) {
      for (const each of asked) each.answers.reject(error);
    }
  };
  return (questions, limitMs) => {
    const answers = Promise.withResolvers<Answered[]>();
    if (breath !== null) {
      breath.limitMs = limitMs === 0 || breath.limitMs === 0 ? 0 : Math.max(limitMs, breath.limitMs);
      breath.asked.push({ questions, answers });
      return answers.promise;
    }
    const begun: Breath = { limitMs, asked: [{ questions, answers }] };
    breath = begun;
    queueMicrotask(() => {
      breath = null;
      void sendAll(begun.asked, begun.limitMs);
    });
    return answers.promise;
  };
}

/**
 * Joins what is asked of one session in the same breath.
 * @param all gets every item, and answers for each how to come to its answer, in their order
 */
export function jointly<Item, T>(
  all: (session: Session, items: readonly Item[]) => Promise<readonly (() => Promise<T>)[]>,
): (session: Session, item: Item) => Promise<T> {
  type Asked = { readonly item: Item; readonly answer: PromiseWithResolvers<T> };
  const breaths = new WeakMap<Session, Asked[]>();
  const askAll = async (session: Session, asked: readonly Asked[]): Promise<void> => {
    try {
      const answers = await all(
        session,
        asked.map(({ item }) => item),
      );
      for (const [at, { answer }] of asked.entries()) answer.resolve((answers[at] as () => Promise<T>)());
    } catch (error) {
      for (const { answer } of asked) answer.reject(error);
    }
  };
  return (session, item) => {
    const answer = Promise.withResolvers<T>();
    const breath = breaths.get(session);
    if (breath !== undefined) {
      breath.push({ item, answer });
      return answer.promise;
    }
    const begun = [{ item, answer }];
    breaths.set(session, begun);
    queueMicrotask(() => {
      breaths.delete(session);
      void askAll(session, begun);
    });
    return answer.promise;
  };
}

/** Lends one session to all that begin in the same breath, each of which only asks questions. */
export function oneForAll(sessions: Sessions): Sessions['use'] {
  type Work = { begin(session: Session): Promise<void>; failed(error: unknown): void };
  let breath: Work[] | null = null;
  const add = (work: Work): void => {
    if (breath !== null) {
      breath.push(work);
      return;
    }
    const begun = [work];
    breath = begun;
    queueMicrotask(() => {
      breath = null;
      const all = sessions.use((session) => Promise.all(begun.map((each) => each.begin(session))));
      all.catch((error: unknown) => {
        for (const each of begun) each.failed(error);
      });
    });
  };
  return (work) =>
    new Promise((resolve, reject) => {
      add({ begin: (session) => work(session).then(resolve, reject), failed: reject });
    });
}
