import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type BulkOperation,
  type BulkStyle,
  fillBody,
  sizeInBody,
  splitAtLineBreaks,
} from '../../../../src/connectors/elasticsearch/bulk-body.ts';
import { type Documents, documentsIn } from '../../../../src/connectors/elasticsearch/documents.ts';
import { type Doc, pageOfDocs } from '../../../integration/search-documents.ts';

function documents(docs: readonly Doc[]): Documents {
  const { data } = pageOfDocs(docs, docs.length);
  assert.ok(data.format === 'search-hits');
  return documentsIn(data);
}

function bodyOf(docs: readonly Doc[], style: BulkStyle, rows = docs.map((_, row) => row)): string {
  const made = documents(docs);
  const size = rows.reduce((sum, row) => sum + sizeInBody(made, row, style), 0);
  const buffer = Buffer.alloc(size, 0xff);
  assert.equal(fillBody(buffer, made, Uint32Array.from(rows), style), size);
  return buffer.toString();
}

const DOCS: readonly Doc[] = [
  { id: '1', source: '{"n":1.10}' },
  { id: 'a"\\ü😀'.repeat(9), source: `{"t":"${'x'.repeat(100)}"}`, routing: 'r"', version: 12 },
  { id: '3', source: '{}', version: 9007199254740993n },
];

describe('the body of a bulk request', () => {
  for (const operation of ['index', 'create'] as const) {
    test(`says ${operation} for each document, with the document as it is`, () => {
      const lines = bodyOf(DOCS, { operation, versions: false }).split('\n');
      assert.equal(lines.pop(), '');
      DOCS.forEach(({ id, routing, source }, at) => {
        const wanted = { [operation]: { _id: id, ...(routing === undefined ? {} : { routing }) } };
        assert.deepEqual(JSON.parse(lines[2 * at] ?? ''), wanted);
        assert.equal(lines[2 * at + 1], source);
      });
      assert.equal(lines.length, 2 * DOCS.length);
    });
  }

  test('carries versions where they are wanted and there', () => {
    const body = bodyOf(DOCS, { operation: 'index', versions: true });
    assert.ok(body.includes('"version":9007199254740993}}\n{}\n'), body);
    assert.deepEqual(JSON.parse(body.split('\n')[2] ?? '').index.version_type, 'external_gte');
    assert.equal(body.split('\n')[0], '{"index":{"_id":"1"}}');
  });

  test('merges where documents are updated', () => {
    const [action, document] = bodyOf(DOCS, { operation: 'update', versions: false }).split('\n');
    assert.deepEqual(JSON.parse(action ?? ''), { update: { _id: '1', retry_on_conflict: 3 } });
    assert.equal(document, '{"doc":{"n":1.10},"doc_as_upsert":true}');
  });

  test('holds the rows that are asked for, in their order', () => {
    const ids = (rows: number[]): string[] =>
      bodyOf(DOCS, { operation: 'index', versions: false }, rows)
        .split('\n')
        .filter((_, at) => at % 2 === 0)
        .slice(0, -1)
        .map((line) => JSON.parse(line).index._id);
    assert.deepEqual(ids([2, 0]), ['3', '1']);
    assert.deepEqual(ids([]), []);
  });

  test('has the size that was told, whatever the parts', () => {
    const operations: readonly BulkOperation[] = ['index', 'create', 'update'];
    for (let seed = 1; seed <= 200; seed += 1) {
      const docs = Array.from({ length: 1 + (seed % 5) }, (_, at) => ({
        id: 'ü'.repeat(1 + ((seed * 7 + at) % 40)),
        source: `{"a":"${'é'.repeat((seed * 13 + at * 5) % 90)}"}`,
        ...(seed % 2 === 0 ? { routing: 'x'.repeat(seed % 50) } : {}),
        ...(seed % 3 === 0 ? { version: seed ** 3 } : {}),
      }));
      bodyOf(docs, { operation: operations[seed % 3] as BulkOperation, versions: seed % 4 > 1 });
    }
  });
});

describe('documents with line breaks', () => {
  const split = (sources: readonly string[]): [number[], number[]] => {
    const { fit, broken } = splitAtLineBreaks(documents(sources.map((source, at) => ({ id: String(at), source }))));
    return [[...fit], [...broken]];
  };

  test('are told from the others, wherever they stand', () => {
    assert.deepEqual(split(['{}', '{}']), [[0, 1], []]);
    assert.deepEqual(split(['{\n}', '{}', '{"a":"\\n"}', '{"a":1\n}', '{}']), [
      [1, 2, 4],
      [0, 3],
    ]);
    assert.deepEqual(split(['{}', '{\r\n}']), [[0], [1]]);
    assert.deepEqual(split(['{\n}', '{\n}']), [[], [0, 1]]);
    assert.deepEqual(split([]), [[], []]);
  });

  test('in between do not count, and places may go back', () => {
    const bytes = Buffer.from('{"b":1}\n\n{"a":\n2}\n{}');
    const places = Uint32Array.from([
      ...[0, 0, 0, 0, 0, 0, 18, 20],
      ...[0, 0, 0, 0, 0, 0, 9, 17],
      ...[0, 0, 0, 0, 0, 0, 0, 7],
    ]);
    const { fit, broken } = splitAtLineBreaks({ bytes, places });
    assert.deepEqual([[...fit], [...broken]], [[0, 2], [1]]);
  });
});
