import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Session, Sessions } from '../../../../src/connectors/mysql/session.ts';
import type { Answered, Question } from '../../../../src/connectors/mysql/small-answer.ts';
import { askTogether, oneForAll } from '../../../../src/connectors/mysql/together.ts';

const answerTo = (question: Question): Answered => ({ rows: [], fields: [String(question)] });

describe('questions of one connection', () => {
  test('that are asked in the same breath are sent together, and each hears its own answers', async () => {
    const sent: (readonly Question[])[] = [];
    const ask = askTogether(async (questions) => {
      sent.push(questions);
      return questions.map(answerTo);
    });
    const answers = await Promise.all([ask(['a', 'b'], 5), ask([], 5), ask(['c'], 5)]);
    assert.deepEqual(answers, [[answerTo('a'), answerTo('b')], [], [answerTo('c')]]);
    await ask(['d'], 5);
    assert.deepEqual(sent, [['a', 'b', 'c'], ['d']]);
  });

  test('have the longest of their time limits, none where one has none', async () => {
    const limits: number[] = [];
    const ask = askTogether(async (questions, limitMs) => {
      limits.push(limitMs);
      return questions.map(answerTo);
    });
    await Promise.all([ask(['a'], 5), ask(['b'], 7)]);
    await Promise.all([ask(['a'], 5), ask(['b'], 0), ask(['c'], 7)]);
    await ask(['a'], 3);
    assert.deepEqual(limits, [7, 0, 3]);
  });

  test('all fail with the connection', async () => {
    const ask = askTogether(() => Promise.reject(new Error('gone')));
    const all = await Promise.allSettled([ask(['a'], 5), ask(['b'], 5)]);
    assert.deepEqual(
      all.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});

describe('a session that is lent to all who begin in the same breath', () => {
  function sessions(lost: boolean): { readonly use: Sessions['use']; lent(): number } {
    let lent = 0;
    const use: Sessions['use'] = async (work) => {
      lent += 1;
      if (lost) throw new Error('gone');
      return work({} as Session);
    };
    return { use: oneForAll({ use } as Sessions), lent: () => lent };
  }

  test('is one, and the failure of one of them is nobody else`s', async () => {
    const { use, lent } = sessions(false);
    const refused = use(() => Promise.reject(new Error('no such table')));
    const all = await Promise.allSettled([refused, use(async () => 2), use(async () => 3)]);
    assert.deepEqual(
      all.map((each) => (each.status === 'fulfilled' ? each.value : String(each.reason))),
      ['Error: no such table', 2, 3],
    );
    assert.equal(lent(), 1);
    assert.equal(await use(async () => 4), 4);
    assert.equal(lent(), 2);
  });

  test('that cannot be had fails all of them', async () => {
    const { use } = sessions(true);
    const all = await Promise.allSettled([use(async () => 1), use(async () => 2)]);
    assert.deepEqual(
      all.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
  });
});
