import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failedItems } from '../../../../src/connectors/elasticsearch/bulk-answer.ts';
import { Broken } from '../../../../src/connectors/elasticsearch/errors.ts';

const look = (text: string, items: number) => failedItems(Buffer.from(text), 'index', items);
const good = (...statuses: number[]): string =>
  `{"errors":false,"items":[${statuses.map((status) => `{"index":{"status":${status}}}`).join(',')}]}`;

describe('the answer to a bulk request', () => {
  test('that took every item says so', () => {
    for (const statuses of [[201], [200], [201, 200, 201], Array.from({ length: 5_000 }, (_, at) => 200 + (at % 2))])
      assert.deepEqual(look(good(...statuses), statuses.length), []);
    const update = Buffer.from(good(200, 201).replaceAll('index', 'update'));
    assert.deepEqual(failedItems(update, 'update', 2), []);
  });

  test('is understood however it is spelled', () => {
    const text =
      ' {"took":3, "items":[ {"index":{"status":201,"_id":"x"}}, {"index":{"status":200}} ], "errors": false }\n';
    assert.deepEqual(look(text, 2), []);
  });

  test('tells what was not taken, and why, at its place', () => {
    const error = { type: 'mapper_parsing_exception', reason: 'failed to parse', caused_by: { reason: 'no number' } };
    for (const at of [0, 1, 2, 49]) {
      const items = Array.from({ length: 50 }, (_, item) => ({
        index: item === at ? { status: 400, error } : { status: 201 },
      }));
      assert.deepEqual(look(JSON.stringify({ errors: true, items }), 50), [
        { item: at, status: 400, type: 'mapper_parsing_exception', reason: 'failed to parse (no number)' },
      ]);
    }
  });

  test('tells of a merged document that its pipeline refused, under the name that servers give it', () => {
    const error = { type: 'illegal_argument_exception', reason: 'pipeline with id [p] does not exist' };
    const said = Buffer.from(JSON.stringify({ errors: true, items: [{ index: { status: 400, error } }] }));
    assert.deepEqual(failedItems(said, 'update', 1), [{ item: 0, status: 400, ...error }]);
    assert.throws(() => failedItems(said, 'create', 1));
    const taken = Buffer.from(JSON.stringify({ errors: false, items: [{ index: { status: 200 } }] }));
    assert.throws(() => failedItems(taken, 'update', 1));
  });

  test('believes the items where the summary says another thing', () => {
    assert.equal(look(good(201, 429), 2).length, 1);
    assert.equal(look(good(201, 301), 2).length, 1);
  });

  const lies: [string, string, number][] = [
    ['too few items', good(201), 2],
    ['too many items', good(201, 201, 201), 2],
    ['no items', '{"errors":false,"items":[]}', 1],
    ['none of them', '{"errors":false}', 1],
    ['another operation', good(201).replace('index', 'delete'), 1],
    ['a status that is text', '{"errors":false,"items":[{"index":{"status":"201"}}]}', 1],
    ['no status', '{"errors":false,"items":[{"index":{}}]}', 1],
    ['null', '{"errors":false,"items":[null]}', 1],
    ['an error with a good status', '{"errors":true,"items":[{"index":{"status":201,"error":{"type":"x"}}}]}', 1],
    ['half of it', good(201, 201).slice(0, 40), 2],
    ['nothing', '', 1],
    ['another thing', '[]', 1],
    ['a prototype', '{"errors":false,"items":{"length":1,"0":{"index":{"status":201}}}}', 1],
  ];
  for (const [what, text, items] of lies) {
    test(`is no answer with ${what}`, () => {
      assert.throws(
        () => look(text, items),
        (error) => error instanceof Broken && error.code === 'elasticsearch.protocol',
      );
    });
  }

  test('is not taken for good with any byte changed', () => {
    const text = good(201, 200);
    for (let at = 0; at < text.length; at += 1)
      for (const byte of ['0', '4', 'x', '"', ' ', '}']) {
        if (text[at] === byte) continue;
        const changed = text.slice(0, at) + byte + text.slice(at + 1);
        let failed: number;
        try {
          failed = look(changed, 2).length;
        } catch {
          continue;
        }
        // What a space, another success or a summary may be.
        const parsed = JSON.parse(changed) as { items: { index: { status: number } }[] };
        const bad = parsed.items.filter(({ index }) => index.status < 200 || index.status > 299).length;
        assert.equal(failed, bad, changed);
      }
  });
});
