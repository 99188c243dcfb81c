/** Documents, ids and mappings that copies lose something of, raw as they are sent. */

export interface NastyDocument {
  readonly id: string;
  readonly routing?: string;
  /** JSON text, kept by the server byte for byte. */
  readonly source: string;
}

export interface NastyIndex {
  readonly name: string;
  readonly settings?: object;
  readonly mappings: object;
  readonly documents: readonly NastyDocument[];
}

/** Nothing in `any` is looked at by the server: it keeps what JSON can say. */
const ANYTHING = { properties: { any: { type: 'object', enabled: false } } };

/** Of an object that the server does not look at. */
function anything(id: string, value: string): NastyDocument {
  return { id, source: `{"any":{"value":${value}}}` };
}

const NUMBERS = [
  ...['0', '-0', '-0.0', '1.10', '1.0', '100', '1E5', '1e5', '1.0E+5', '1e-7', '1e400', '-1e400', '1e-400'],
  ...['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808', '18446744073709551615'],
  ...['123456789012345678901234567890', '0.1000000000000000055511151231257827', '3.4028234663852886e38', '5e-324'],
  ...['0.30000000000000004', '179769313486231570000000000000000000000000000000000000000000000000000000'],
];

const TEXTS = [
  ...[
    '""',
    '" "',
    '"\\u0000"',
    '"\\u0001\\u001f"',
    '"\\b\\f\\n\\r\\t"',
    '"\\/"',
    '"/"',
    '"\\"\\\\"',
    '"\\u00fc"',
    '"ü"',
  ],
  ...['"\\ud83d\\ude00"', '"😀"', '"\\uD83D\\uDE00"', '"𐀀𝄞🏳️‍🌈"', '"\\u2028\\u2029"', '"\u2028\u2029"', '"e\u0301é"'],
  ...[
    '"\uFEFF"',
    '"\\uffff"',
    '"\uFFFF\u{10FFFF}"',
    '"<script>&amp;"',
    '"null"',
    '"}{]["',
    '"\\\\\\""',
    '"\u007f\u0080"',
  ],
];

const STRUCTURES = [
  ...['null', 'true', 'false', '{}', '[]', '[[]]', '[null]', '[{}]', '{"":1}', '{" ":1}', '{"a.b":1,"a":{"b":2}}'],
  ...['[1,"1",1.0,true,null,{"a":[]}]', '{"__proto__":{"x":1},"constructor":{"prototype":1},"toString":null}'],
  ...[
    '{"hasOwnProperty":1,"length":2,"_id":"x","_source":{"_source":1},"hits":{"hits":[]}}',
    '{"\\u0061":1,"ü":2,"\\"":3}',
  ],
  `${'['.repeat(200)}1${']'.repeat(200)}`,
  `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`,
];

const SPACES = [
  '{ "any" : { "value" : [ 1 , 2 ] } }',
  '  {"any":{"value":1}}  ',
  '{\n  "any": {\n    "value": "pretty",\n    "more": []\n  }\n}',
  '{\r\n\t"any":{"value":"windows"}\r\n}',
  '{"any":{\n"value":"one line feed"}}\n',
];

const LONG_ID = 'x'.repeat(512);

const IDS = [
  ...[
    'a',
    'A',
    '0',
    '00',
    '1',
    '01',
    '1.0',
    '-1',
    '9223372036854775808',
    'a/b',
    '/',
    '../x',
    '..',
    '.',
    'a b',
    ' a',
    'a ',
  ],
  ...[
    '%2F',
    'a%b',
    '+',
    'a+b',
    '?q=1',
    '#',
    'a&b=c',
    'a,b',
    '*',
    '_all',
    '_id',
    '"',
    '\\',
    "'",
    '<>',
    '{}',
    '\n',
    '\t',
    '\u0001',
  ],
  ...[
    'ü',
    'ü',
    '😀',
    '日本語',
    '\u200b',
    '\u202e',
    LONG_ID,
    'é'.repeat(256),
    'null',
    'true',
    '__proto__',
    'constructor',
  ],
];

const plain = (id: string): NastyDocument => ({ id, source: `{"number":${id.length}}` });

const TYPED = {
  dynamic: 'strict',
  _meta: { owner: 'somebody', 'a.b': [1, { c: null }] },
  properties: {
    long: { type: 'long' },
    double: { type: 'double' },
    half: { type: 'half_float' },
    date: { type: 'date', format: 'yyyy-MM-dd||epoch_millis' },
    nanos: { type: 'date_nanos' },
    ip: { type: 'ip' },
    point: { type: 'geo_point' },
    bytes: { type: 'binary' },
    flag: { type: 'boolean' },
    range: { type: 'integer_range' },
    key: { type: 'keyword', ignore_above: 5, fields: { text: { type: 'text' } } },
    copied: { type: 'keyword', copy_to: ['all'] },
    all: { type: 'text' },
    none: { type: 'keyword', index: false, doc_values: false },
    nullable: { type: 'keyword', null_value: 'NULL' },
    parts: { type: 'nested', properties: { name: { type: 'keyword' }, n: { type: 'integer' } } },
    alias: { type: 'alias', path: 'long' },
  },
};

export const INDEXES: readonly NastyIndex[] = [
  {
    name: 'values',
    mappings: ANYTHING,
    documents: [...NUMBERS, ...TEXTS, ...STRUCTURES].map((value, at) => anything(`v${at}`, value)),
  },
  {
    name: 'spaces',
    mappings: ANYTHING,
    documents: SPACES.map((source, at) => ({ id: `s${at}`, source })),
  },
  { name: 'ids', mappings: { properties: { number: { type: 'long' } } }, documents: [...new Set(IDS)].map(plain) },
  {
    name: 'routed',
    settings: { index: { number_of_shards: 3 } },
    mappings: { _routing: { required: true }, properties: { number: { type: 'long' } } },
    documents: ['a', 'ü', 'a b', '1', 'a,b', '😀', 'x'.repeat(300)].flatMap((routing, at) => [
      { ...plain(`r${at}`), routing },
      { ...plain(`q${at}`), routing },
    ]),
  },
  {
    name: 'typed',
    mappings: TYPED,
    documents: [
      {
        id: 'all',
        source:
          '{"long":"12","double":1.10,"half":0.1,"date":"2024-02-29","nanos":"2024-02-29T12:00:00.123456789Z","ip":"::1","point":{"lat":1.50,"lon":-2},"bytes":"AAECAw==","flag":"true","range":{"gte":1,"lt":5},"key":"longer than five","copied":["x","y"],"none":"n","nullable":null,"parts":[{"name":"a","n":1},{"name":"b","n":2}]}',
      },
      { id: 'nothing', source: '{}' },
      { id: 'nulls', source: '{"long":null,"key":[],"parts":null,"point":[1.0,2.0]}' },
      { id: 'many', source: `{"parts":[${'{"name":"p","n":7},'.repeat(500)}{"name":"last"}]}` },
      { id: 'texts', source: '{"long":1.0,"date":1709164800000,"flag":"","key":["a","b"],"ip":"127.0.0.1"}' },
    ],
  },
  {
    name: 'analysed',
    settings: {
      index: { number_of_shards: 2, 'sort.field': ['rank'], 'sort.order': ['desc'], max_result_window: 20_000 },
      analysis: {
        analyzer: { own: { type: 'custom', tokenizer: 'standard', filter: ['lowercase', 'short'] } },
        filter: { short: { type: 'stop', stopwords: ['a', 'the'] } },
        normalizer: { low: { type: 'custom', filter: ['lowercase'] } },
      },
    },
    mappings: {
      dynamic_templates: [{ texts: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
      properties: {
        rank: { type: 'integer' },
        text: { type: 'text', analyzer: 'own' },
        key: { type: 'keyword', normalizer: 'low' },
      },
    },
    documents: Array.from({ length: 25 }, (_, at) => ({
      id: `d${at}`,
      source: `{"rank":${(at * 7) % 25},"text":"The ${at}","key":"K${at}","added-${at % 3}":"new"}`,
    })),
  },
  { name: 'empty', mappings: TYPED, documents: [] },
  {
    name: 'huge',
    mappings: ANYTHING,
    documents: [
      anything('ten-megabytes', `"${'ab\\u0000é'.repeat(1_100_000)}"`),
      anything('small', '1'),
      anything('numbers', `[${'9007199254740993,'.repeat(100_000)}0]`),
    ],
  },
];

/** Asked of the server as it is: some do not take it, and then there is nothing to copy. */
export const PERHAPS: readonly NastyIndex[] = [
  {
    name: 'perhaps',
    mappings: ANYTHING,
    documents: [
      { id: 'twice', source: '{"any":{"a":1,"a":2}}' },
      anything('lone', '"\\ud800"'),
      anything('deeper', `${'['.repeat(900)}${']'.repeat(900)}`),
      { id: 'top', source: '{"any":{},"any2":1e400}' },
    ],
  },
  {
    name: 'joined',
    mappings: { properties: { family: { type: 'join', relations: { parent: 'child' } } } },
    documents: [
      { id: 'p', source: '{"family":"parent"}' },
      { id: 'c', routing: 'p', source: '{"family":{"name":"child","parent":"p"}}' },
    ],
  },
];
