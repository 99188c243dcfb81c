import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parse } from '../../../src/config/parse.ts';
import { formatPath, type Problem } from '../../../src/config/problem.ts';
import { messages } from '../../../src/wording/messages.ts';

const FILE = '/shop/datatrace.json';
const fixtures = new URL('../../fixtures/configs/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, fixtures), 'utf8');
const namesIn = (folder: string): string[] => readdirSync(new URL(folder, fixtures)).map((name) => `${folder}${name}`);

/** `//! error code path; warning code path` at the end of a line says which problems stand in that line. */
function expectedProblems(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const note = line.split('//! ')[1];
    return note === undefined ? [] : note.split('; ').map((problem) => `${index + 1} ${problem.trim()}`);
  });
}

function shown(problem: Problem): string {
  return `${problem.line} ${problem.severity} ${problem.code} ${formatPath(problem.path)}`.trim();
}

describe('a configuration file', () => {
  for (const name of namesIn('valid/')) {
    test(`${name} has no problem`, () => {
      const { problems, model } = parse(read(name), FILE);
      assert.deepEqual(problems, []);
      assert.ok(model);
    });
  }

  for (const name of namesIn('broken/')) {
    test(`${name} has exactly the problems it names, at their places`, () => {
      const text = read(name);
      const { problems, model } = parse(text, FILE);
      assert.deepEqual(problems.map(shown).sort(), expectedProblems(text).sort());
      assert.equal(
        model === undefined,
        problems.some((problem) => problem.severity === 'error'),
      );
      for (const problem of problems) assert.ok(messages.has(problem.code), problem.code);
    });
  }

  test('a problem marks the value, or the key when the key is wrong', () => {
    const text = '{\r\n  "tasks": {\r\n    "t": { "source": "a", "target": "b", "mod": 1, "lanes": 99 }\r\n  }\r\n}';
    const places = parse(text, FILE).problems.map((problem) => {
      const line = text.split('\r\n')[problem.line - 1]!;
      assert.equal(problem.endLine, problem.line);
      return `${problem.code} ${line.slice(problem.column - 1, problem.endColumn - 1)}`;
    });
    assert.deepEqual(places, [
      'connection.unknown "a"',
      'connection.unknown "b"',
      'key.unknownNearest "mod"',
      'value.outOfRange 99',
    ]);
  });

  test('a byte order mark, CRLF and lone CR do not move the places', () => {
    const text = '{"version": 1,\n"tasks": {"t": 5}}';
    const [plain] = parse(text, FILE).problems;
    for (const variant of [`\uFEFF${text}`, text.replace('\n', '\r\n'), text.replace('\n', '\r')]) {
      assert.deepEqual(parse(variant, FILE).problems, [plain]);
    }
  });

  test('an empty file, or one of comments only, says how to begin', () => {
    for (const text of ['', ' \n', '\uFEFF', '// nothing yet\n']) {
      const { problems, model } = parse(text, FILE);
      assert.deepEqual(
        problems.map((problem) => problem.code),
        ['config.empty'],
        JSON.stringify(text),
      );
      assert.equal(model, undefined);
    }
  });

  test('a huge file is refused before it is parsed', () => {
    const { problems } = parse(`{"description": "${'x'.repeat(1024 * 1024)}"}`, FILE);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['config.tooLarge'],
    );
  });

  test('a file nested too deep is refused before it is parsed, at the place where it is too deep', () => {
    for (const depth of [33, 200_000]) {
      const { problems } = parse('['.repeat(depth), FILE);
      assert.deepEqual(
        problems.map((problem) => [problem.code, problem.column]),
        [['config.tooDeep', 33]],
      );
    }
  });

  test('more connections or tasks than allowed are refused', () => {
    const many = (count: number, value: string): string =>
      `{${Array.from({ length: count }, (_, index) => `"n${index}": ${value}`).join(',')}}`;
    const sqlite = '{"type": "sqlite", "file": "x"}';
    const codes = (text: string): string[] => parse(text, FILE).problems.map((problem) => problem.code);
    assert.deepEqual(codes(`{"connections": ${many(100, sqlite)}}`), []);
    assert.deepEqual(codes(`{"connections": ${many(101, sqlite)}}`), ['object.tooMany']);
    const tasks = `"connections": {"a": ${sqlite}, "b": {"type": "sqlite", "file": "y"}}, "tasks": `;
    assert.deepEqual(codes(`{${tasks}${many(1000, '{"source": "a", "target": "b"}')}}`), []);
    assert.deepEqual(codes(`{${tasks}${many(1001, '{"source": "a", "target": "b"}')}}`), ['object.tooMany']);
  });

  test('a chain of 50,000 units that wait for each other is checked in less than 2 seconds', () => {
    const units = Array.from({ length: 9_000 }, (_, index) => `"u${index}": {"after": ["u${index + 1}"]}`).join(',');
    const text = `{"connections": {"a": {"type": "sqlite", "file": "x"}, "b": {"type": "sqlite", "file": "y"}},
      "tasks": {"t": {"source": "a", "target": "b", "overrides": {${units}, "u9000": {"after": ["u0"]}}}}}`;
    const began = performance.now();
    const { problems } = parse(text, FILE);
    assert.ok(performance.now() - began < 2_000);
    assert.deepEqual(
      problems.map((problem) => problem.code),
      ['after.unitCycle'],
    );
  });

  test('a cycle is printed as a path', () => {
    const { problems } = parse(read('broken/tasks.json'), FILE);
    const cycle = problems.find((problem) => problem.code === 'after.taskCycle');
    assert.equal(cycle?.args.cycle, 'x -> z -> y -> x');
  });

  test('a literal secret is named and movable, and its text is in no problem', () => {
    const { problems } = parse(read('broken/connections.json'), FILE);
    const literal = problems.find((problem) => formatPath(problem.path) === 'connections.ways.auth.apiKey');
    assert.deepEqual(literal?.fix, { kind: 'moveToSecretStorage', connection: 'ways', field: 'auth.apiKey' });
    assert.doesNotMatch(JSON.stringify(problems), /canary/);
  });

  test('a misspelt key or word can be corrected', () => {
    const fixes = parse('{"conections": {}, "connections": {"a": {"type": "sqllite"}}}', FILE).problems.map(
      ({ fix }) => fix,
    );
    assert.deepEqual(fixes, [
      { kind: 'renameKey', to: 'connections' },
      { kind: 'replaceValue', to: 'sqlite' },
    ]);
  });
});
