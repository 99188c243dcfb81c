import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Broken } from '../../../../src/connectors/elasticsearch/errors.ts';
import { type Hits, sliceHits } from '../../../../src/connectors/elasticsearch/hits.ts';

interface Document {
  readonly id: string;
  readonly routing?: string;
  readonly version?: string;
  readonly source: string;
  readonly sort?: string;
}

const SHARDS = '"_shards":{"total":2,"successful":2,"skipped":0,"failed":0}';

function answer(documents: readonly Document[], { head = '"took":1,"timed_out":false,', tail = '' } = {}): Buffer {
  const hits = documents.map(({ id, routing, version, source, sort }) => {
    const parts = [
      ...['"_index":"a"', `"_id":${id}`, version && `"_version":${version}`, '"_score":null'],
      ...[routing && `"_routing":${routing}`, `"_source":${source}`, sort && `"sort":${sort}`],
    ];
    return `{${parts.filter((part) => part !== undefined).join(',')}}`;
  });
  const total = `"total":{"value":${documents.length},"relation":"eq"}`;
  return Buffer.from(`{${head}${SHARDS},"hits":{${total},"max_score":null,"hits":[${hits.join(',')}]}${tail}}`);
}

function partsOf(body: Buffer, { count, places, sorts }: Hits): Document[] {
  const text = (begin = 0, end = 0) => (end === 0 ? undefined : body.toString('utf8', begin, end));
  return Array.from({ length: count }, (_, row) => {
    const part = (at: number) => text(places[row * 8 + at], places[row * 8 + at + 1]);
    const found = { routing: part(2), version: part(4), sort: text(sorts[2 * row], sorts[2 * row + 1]) };
    const given = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
    return { id: part(0) ?? '', source: part(6) ?? '', ...given };
  });
}

function refused(body: Buffer | string, most = 10): string {
  try {
    sliceHits(Buffer.from(body), most);
  } catch (error) {
    assert.ok(error instanceof Broken, String(error));
    return error.code;
  }
  return assert.fail(`it was not refused: ${body}`);
}

describe('documents of a search answer', () => {
  test('are found where they are, whatever is in them', () => {
    const long = 'x'.repeat(1_000);
    const documents: Document[] = [
      { id: '"1"', source: '{}' },
      { id: '"a\\"b\\\\"', routing: '"r\\\\"', version: '9223372036854775807', source: '{ "a" : 1.10 , "b":-0.0 }' },
      { id: '"\\u005b]}"', source: '{"]}":"[{\\"","a\\\\":"\\\\\\"}","c":["]",{"d":"{"}]}', sort: '["x",1.10,null]' },
      { id: '"ü/😀 "', source: '{"_id":"no","_source":{"_id":1},"hits":{"hits":[]},"_version":7,"sort":[]}' },
      { id: '"5"', source: `{"long":"${long}","escaped":"${'\\"'.repeat(500)}","even":"${'\\\\'.repeat(333)}"}` },
      { id: '"6"', source: `{"edge":"${'y'.repeat(63)}\\"${long}\\\\","then":"${'y'.repeat(64)}\\\\\\\\"}` },
      { id: '"7"', source: `{"deep":${'[{"a":'.repeat(3_000)}1${'}]'.repeat(3_000)}}` },
      { id: '"8"', source: '{"a":1,"a":2,"__proto__":{"b":3},"":null,"big":123456789012345678901234567890}' },
      { id: '"9"', source: '{\n\t"a" : [ 1 ,\r\n 2 ] ,"b":"\\n" }', sort: '[ 1 , "]" ]' },
    ];
    const body = answer(documents);
    const hits = sliceHits(body, 10);
    assert.deepEqual(partsOf(body, hits), documents);
    assert.equal(
      hits.sourceBytes,
      documents.reduce((sum, { source }) => sum + Buffer.byteLength(source), 0),
    );
    assert.equal(hits.total, documents.length);
    assert.equal(hits.pit, null);
  });

  test('are found in any order of the names, with spaces anywhere, which belong to the source where they are around it', () => {
    const body = Buffer.from(
      ` { "hits" : { "hits" : [ { "sort" : [ 2 ] , "_source" : { "a" : [ ] } , "fields" : { "_id" : [ 1 ] } ,\n` +
        ` "_ignored" : [ "x" ] , "_routing" : "r" , "_id" : "1" , "_version" : 3 } ] , "max_score" : null ,` +
        ` "total" : { "relation" : "gte" , "value" : 7 } } , ${SHARDS} , "timed_out" : false , "pit_id" : "new\\u0041" } `,
    );
    const hits = sliceHits(body, 1);
    const expected = { id: '"1"', routing: '"r"', version: '3', source: ' { "a" : [ ] } ', sort: '[ 2 ]' };
    assert.deepEqual(partsOf(body, hits), [expected]);
    assert.equal(hits.total, null);
    assert.equal(hits.pit, 'newA');
  });

  test('are none where the answer has none', () => {
    const body = answer([], { head: '"pit_id":"p","timed_out":false,' });
    const { count, sourceBytes, total, pit } = sliceHits(body, 10);
    assert.deepEqual({ count, sourceBytes, total, pit }, { count: 0, sourceBytes: 0, total: 0, pit: 'p' });
  });

  test('of a part of the index only, or of a part of the time, are no answer', () => {
    const body = answer([{ id: '"1"', source: '{}' }]).toString();
    assert.equal(refused(body.replace('"failed":0', '"failed":1')), 'elasticsearch.partialAnswer');
    assert.equal(refused(body.replace('"successful":2', '"successful":1')), 'elasticsearch.partialAnswer');
    assert.equal(refused(body.replace('"timed_out":false', '"timed_out":true')), 'elasticsearch.partialAnswer');
    assert.equal(refused(body.replace(SHARDS, '"x":0')), 'elasticsearch.protocol');
  });

  test('that are more than were asked for, or have no id or source, are refused', () => {
    const one = { id: '"1"', source: '{}' };
    assert.equal(refused(answer([one, one]), 1), 'elasticsearch.protocol');
    assert.equal(refused(answer([{ ...one, id: 'null' }])), 'elasticsearch.protocol');
    assert.equal(refused(answer([{ ...one, source: '[]' }])), 'elasticsearch.protocol');
    assert.equal(refused(answer([one]).toString().replace('"_source"', '"_sauce"')), 'elasticsearch.protocol');
  });

  test('in an answer that was cut anywhere are refused', () => {
    const body = answer(
      [
        { id: '"1"', version: '12', source: '{"a":"b\\"","c":[1,{"d":null}]}', sort: '[1]' },
        { id: '"2"', source: `{"text":"${'z'.repeat(100)}"}` },
      ],
      { tail: ',"pit_id":"p"' },
    );
    assert.equal(sliceHits(body, 2).count, 2);
    for (let length = 0; length < body.length; length++)
      assert.equal(refused(body.subarray(0, length)), 'elasticsearch.protocol', `cut at ${length}`);
    assert.equal(refused(`${body}{}`), 'elasticsearch.protocol');
    for (const text of ['', 'null', '[]', '{}', '"hits"', '{"hits":[]}', `{${SHARDS},"hits":{}}`])
      assert.equal(refused(text), 'elasticsearch.protocol', text);
  });

  test('are the same that a parser finds, in many random documents', () => {
    const next = random(42);
    for (let round = 0; round < 300; round++) {
      const documents = Array.from({ length: 1 + (next() % 8) }, (): Document => {
        const source = JSON.stringify(object(next, 0), null, next() % 3 === 0 ? next() % 3 : undefined);
        return {
          id: JSON.stringify(text(next)),
          ...(next() % 2 ? { routing: JSON.stringify(text(next)) } : {}),
          source,
        };
      });
      const body = answer(documents);
      const found = partsOf(body, sliceHits(body, 8));
      assert.deepEqual(found, documents);
      const parsed = JSON.parse(body.toString()).hits.hits as { readonly _id: string; readonly _source: unknown }[];
      for (const [at, { _id, _source }] of parsed.entries()) {
        assert.equal(JSON.parse(found[at]?.id ?? ''), _id);
        assert.deepEqual(JSON.parse(found[at]?.source ?? ''), _source);
      }
    }
  });

  test('are found faster than they could be parsed', (t) => {
    const small = (at: number) => `{"id":${at},"name":"name ${at}","price":1.10,"at":"2024-01-01T00:00:00Z"}`;
    const line = '{"k":12,"text":"Lorem ipsum dolor sit amet, consectetur adipiscing elit \u00fc, sed do eiusmod"}';
    const large = (at: number) => `{"id":${at},"lines":[${`${line},`.repeat(100)}1]}`;
    // Half of what they are on a quiet machine.
    for (const [size, count, source, least] of [
      ['small', 5_000, small, 0.7],
      ['large', 200, large, 1.2],
    ] as const) {
      const body = answer(
        Array.from({ length: count }, (_, at) => ({ id: `"${at}"`, version: '1', source: source(at) })),
      );
      const megabytesPerSecond = (work: () => void): number => {
        for (let warm = 0; warm < 10; warm++) work();
        // The best of some: whatever else the machine does makes it slower, never faster.
        const times = Array.from({ length: 5 }, () => {
          const begin = process.cpuUsage();
          for (let round = 0; round < 8; round++) work();
          const { user, system } = process.cpuUsage(begin);
          return user + system;
        });
        return (8 * body.length) / Math.min(...times);
      };
      const sliced = megabytesPerSecond(() => sliceHits(body, count));
      const parsed = megabytesPerSecond(() => JSON.parse(body.toString()));
      t.diagnostic(`${size}: ${sliced.toFixed(0)} MB/s of a processor, parsed: ${parsed.toFixed(0)} MB/s`);
      assert.ok(sliced > least * parsed, `${sliced} and ${parsed}`);
    }
  });

  test('never make it end in anything but an answer or a refusal, whatever byte is wrong', () => {
    const body = answer([{ id: '"1"', version: '1', source: '{"a":"b\\"","c":[1,{"d":null}]}' }]);
    const next = random(7);
    for (let round = 0; round < 3_000; round++) {
      const spoilt = Buffer.from(body);
      spoilt[next() % spoilt.length] = '"\\{}[],: \u0000a1'.charCodeAt(next() % 12);
      try {
        const { count, places } = sliceHits(spoilt, 10);
        for (let at = 0; at < count * 8; at += 2) assert.ok((places[at] ?? 0) <= (places[at + 1] ?? 0));
      } catch (error) {
        assert.ok(error instanceof Broken, String(error));
      }
    }
  });
});

/** The same numbers for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

const PIECES = [
  '"',
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '\n',
  '\u0000',
  'ü',
  '漢',
  '😀',
  'a',
  '0',
  'x'.repeat(70),
];

function text(next: () => number): string {
  return Array.from({ length: next() % 12 }, () => PIECES[next() % PIECES.length]).join('');
}

function object(next: () => number, depth: number): object {
  return Object.fromEntries(Array.from({ length: next() % 5 }, () => [text(next), value(next, depth + 1)]));
}

function value(next: () => number, depth: number): unknown {
  switch (next() % (depth > 4 ? 5 : 7)) {
    case 0:
      return null;
    case 1:
      return next() % 2 === 0;
    case 2:
      return (next() - 8_000_000) / 1_000;
    case 3:
      return next() * 1e300;
    case 4:
      return text(next);
    case 5:
      return Array.from({ length: next() % 4 }, () => value(next, depth + 1));
    default:
      return object(next, depth);
  }
}
