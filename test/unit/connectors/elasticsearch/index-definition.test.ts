import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseExact } from '../../../../src/connectors/elasticsearch/exact-json.ts';
import {
  carriedDefinition,
  creationBody,
  fieldTypes,
  flatSettings,
} from '../../../../src/connectors/elasticsearch/index-definition.ts';
import {
  completeDefinition,
  loadIn,
  relaxedDefinition,
} from '../../../../src/connectors/elasticsearch/load-settings.ts';

describe('JSON of definitions', () => {
  test('comes back with every number as it was written', () => {
    for (const text of [
      '{"a":9007199254740993,"b":[1.10,-0.0,1e400,0],"c":{"d":12345678901234567890.5}}',
      '{"__proto__":{"x":1.0},"constructor":1,"z":"1.10","n":null,"t":true}',
      '1E5',
      '[]',
    ])
      assert.equal(JSON.stringify(parseExact(text)), text);
    assert.equal(({} as { x?: unknown }).x, undefined);
  });
});

describe('the definition of an index', () => {
  test('is carried without what belongs to the other index and its cluster', () => {
    const settings = {
      index: {
        ...{ uuid: 'u', creation_date: '1', provided_name: 'a', number_of_shards: '3', number_of_replicas: '1' },
        ...{ version: { created: '8' }, resize: { source: { name: 'x' } }, replication: { type: 'DOCUMENT' } },
        routing: { allocation: { include: { _tier_preference: 'data_hot' }, require: { zone: 'a' } } },
        ...{ blocks: { write: 'true' }, lifecycle: { name: 'p' }, default_pipeline: 'p', max_ngram_diff: '4' },
        analysis: { filter: { 'a.b': { type: 'stop', stopwords: ['x', 'y'] } } },
      },
    };
    const { leftOut, ...carried } = carriedDefinition({
      settings: JSON.stringify(settings),
      mappings: '{"_data_stream_timestamp":{"enabled":true},"properties":{"n":{"type":"long","null_value":1.0}}}',
    });
    assert.deepEqual(Object.fromEntries(carried.settings), {
      'index.number_of_shards': '3',
      'index.number_of_replicas': '1',
      'index.max_ngram_diff': '4',
      'index.analysis.filter.a.b.type': 'stop',
      'index.analysis.filter.a.b.stopwords': ['x', 'y'],
    });
    assert.deepEqual([...leftOut].sort(), [
      ...[
        'index.blocks.write',
        'index.default_pipeline',
        'index.lifecycle.name',
        'index.routing.allocation.require.zone',
      ],
    ]);
    assert.ok(creationBody(carried).includes('"mappings":{"properties":{"n":{"type":"long","null_value":1.0}}}'));
  });

  test('has its settings under one spelling, whichever the server chose', () => {
    const flat = flatSettings({ index: { a: { b: '1', c: [] } }, 'index.a.d': null });
    assert.deepEqual(
      [...flat],
      [
        ['index.a.b', '1'],
        ['index.a.c', []],
        ['index.a.d', null],
      ],
    );
    assert.deepEqual([...flatSettings('nothing')], []);
  });

  test('tells the type of each field by its path', () => {
    const types = fieldTypes({
      properties: {
        a: { type: 'keyword' },
        o: { properties: { x: { type: 'long' } } },
        n: { type: 'nested', properties: { o: {} } },
      },
    });
    assert.deepEqual(Object.fromEntries(types), {
      a: 'keyword',
      o: 'object',
      'o.x': 'long',
      n: 'nested',
      'n.o': 'object',
    });
    assert.equal(fieldTypes({}).size, 0);
  });
});

describe('an index that is filled', () => {
  const definition = {
    settings: new Map<string, unknown>([
      ['index.number_of_replicas', '2'],
      ['index.auto_expand_replicas', '0-1'],
      ['index.codec', 'x'],
    ]),
    mappings: { _meta: { owner: 'me' }, properties: {} },
  };

  test('says what it is owed, and is the same again when it has it', () => {
    const relaxed = relaxedDefinition(definition, null);
    assert.deepEqual(Object.fromEntries(relaxed.settings), {
      ...{ 'index.codec': 'x', 'index.refresh_interval': '-1', 'index.number_of_replicas': '0' },
    });
    assert.deepEqual(loadIn(relaxed.mappings), {
      owed: { 'index.refresh_interval': null, 'index.number_of_replicas': '2', 'index.auto_expand_replicas': '0-1' },
      relaxed: true,
    });
    const again = completeDefinition(relaxed);
    assert.deepEqual(Object.fromEntries(again.settings), Object.fromEntries(definition.settings));
    assert.deepEqual(again.mappings, definition.mappings);
    assert.deepEqual(completeDefinition(definition), definition);
  });

  test('of nobody is not guessed at', () => {
    for (const _meta of [undefined, null, 'x', {}, { owner: 1 }]) assert.equal(loadIn({ _meta }), null);
    assert.deepEqual(loadIn({ _meta: { datatrace_load: 'odd' } }), { owed: {}, relaxed: false });
  });
});
