import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { createReporter, readDocument } from '../../../src/config/document.ts';
import { jsonSchemaText } from '../../../src/config/json-schema.ts';
import { parse } from '../../../src/config/parse.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { validate } from '../../../src/config/validate.ts';

const fixtures = new URL('../../fixtures/configs/', import.meta.url);
const texts = ['valid/', 'broken/'].flatMap((folder) =>
  readdirSync(new URL(folder, fixtures)).map((name) => readFileSync(new URL(`${folder}${name}`, fixtures), 'utf8')),
);

/** Every value of `value`, as paths. */
function pathsOf(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (value === null || typeof value !== 'object') return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, part]) =>
      pathsOf(part, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function withReplaced(value: unknown, path: readonly (string | number)[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as object) };
  if (replacement === undefined && rest.length === 0) delete (copy as Record<string | number, unknown>)[step];
  else
    (copy as Record<string | number, unknown>)[step] = withReplaced(
      (value as Record<string | number, unknown>)[step],
      rest,
      replacement,
    );
  return copy;
}

describe('the schema', () => {
  test('the JSON Schema in schemas/ is the one that the sources make', () => {
    const file = new URL('../../../schemas/datatrace.schema.json', import.meta.url);
    assert.equal(readFileSync(file, 'utf8'), jsonSchemaText(), 'run: npm run schema');
  });

  test('every field has a description', () => {
    const missing: string[] = [];
    const walk = (schema: Record<string, unknown>, path: string): void => {
      for (const [name, child] of Object.entries(
        (schema.properties ?? {}) as Record<string, Record<string, unknown>>,
      )) {
        if (typeof child.description !== 'string') missing.push(`${path}.${name}`);
        walk(child, `${path}.${name}`);
      }
      if (typeof schema.additionalProperties === 'object')
        walk(schema.additionalProperties as Record<string, unknown>, `${path}.*`);
      for (const branch of (schema.allOf ?? []) as { then: Record<string, unknown> }[]) walk(branch.then, path);
    };
    walk(JSON.parse(JSON.stringify(configSchema)) as Record<string, unknown>, '');
    assert.deepEqual(missing, []);
  });

  test('our walk over positions and the validator of TypeBox come to the same verdict', () => {
    const compiled = Compile(configSchema);
    const base = JSON.parse(JSON.stringify(readPlain('valid/every-field.json'))) as unknown;
    const schedules = JSON.parse(JSON.stringify(readPlain('valid/schedules.json'))) as unknown;
    const replacement = fc.oneof(
      fc.constantFrom(
        undefined,
        null,
        true,
        '',
        'x',
        '*',
        'mysql',
        'sqlite',
        'DAILY',
        'sync',
        '02:00',
        0,
        1,
        -1,
        1.5,
        1e9,
        [],
        {},
        [0],
        ['a'],
        { a: 1 },
      ),
      fc.jsonValue({ maxDepth: 2 }),
    );
    fc.assert(
      fc.property(fc.constantFrom(base, schedules), fc.nat(), replacement, (config, pick, value) => {
        const paths = pathsOf(config);
        const mutated = withReplaced(config, paths[pick % paths.length]!, value);
        if (mutated === undefined) return;
        const text = JSON.stringify(mutated);
        const reporter = createReporter(text, '/datatrace.json');
        const root = readDocument(text, reporter);
        assert.ok(root);
        validate(root, configSchema, reporter);
        const ours = reporter.problems.every((problem) => problem.severity === 'warning');
        assert.equal(ours, compiled.Check(JSON.parse(text)), text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('parsing never throws, whatever the text is', () => {
    const file = '/shop/datatrace.json';
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ',',
        ':',
        '\\',
        '//',
        '/*',
        'null',
        '\0',
        '\uFEFF',
        '\r',
        '${env:',
        '__proto__',
      ),
    );
    const mutated = fc
      .tuple(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 30 }), noise), { minLength: 1, maxLength: 4 }),
      )
      .map(([text, edits]) =>
        edits.reduce((result, [at, length, insert]) => {
          const start = at % (result.length + 1);
          return result.slice(0, start) + insert + result.slice(start + length);
        }, text),
      );
    fc.assert(
      fc.property(fc.oneof(mutated, fc.json(), fc.string({ unit: 'binary' })), (text) => {
        const { model, problems } = parse(text, file);
        assert.equal(
          model === undefined,
          problems.some((problem) => problem.severity === 'error'),
        );
        for (const problem of problems) {
          assert.ok(
            problem.line >= 1 && problem.column >= 1 && problem.endLine >= problem.line,
            JSON.stringify(problem),
          );
        }
      }),
      { numRuns: 1_500 },
    );
  });
});

function readPlain(name: string): unknown {
  const text = readFileSync(new URL(name, fixtures), 'utf8').replace(/^((?:[^"/]|"[^"]*")*?)\/\/.*$/gm, '$1');
  return JSON.parse(text);
}
