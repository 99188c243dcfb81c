import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkContract, REPLACED, statementCalls } from '../../../src/store/contract.ts';
import { wasm } from './support.ts';

const module = new WebAssembly.Module(wasm as Uint8Array<ArrayBuffer>);
const imports = WebAssembly.Module.imports(module);

describe('contract with sql.js', () => {
  test('the installed build has every file call that the shim replaces, and no unknown one', () => {
    checkContract(imports.map(({ name }) => name));
    for (const name of REPLACED) {
      const found = imports.find((entry) => entry.name === name);
      assert.equal(found?.kind, 'function', name);
    }
  });

  test('its file calls come from the two import modules that the shim knows', () => {
    const homes = new Set(imports.filter(({ name }) => REPLACED.includes(name as never)).map((entry) => entry.module));
    assert.deepEqual([...homes].sort(), ['env', 'wasi_snapshot_preview1']);
  });

  test('it exports the functions that fill statements and read rows', () => {
    const names = WebAssembly.Module.exports(module).map(({ name }) => name);
    const exports = Object.fromEntries(names.map((name) => [name, () => 0])) as unknown as WebAssembly.Exports;
    statementCalls(exports);
    assert.throws(() => statementCalls({}), { code: 'store.contract' });
  });

  test('a minified build is refused by naming what is missing', () => {
    const names = imports.map(({ name }) => name).filter((name) => name !== 'fd_sync');
    assert.throws(() => checkContract(names), { code: 'store.contract', args: { missing: 'fd_sync', unknown: '' } });
  });

  test('a build with a file call we never saw is refused', () => {
    const names = [...imports.map(({ name }) => name), 'fd_pwrite'];
    assert.throws(() => checkContract(names), { code: 'store.contract', args: { missing: '', unknown: 'fd_pwrite' } });
  });
});
