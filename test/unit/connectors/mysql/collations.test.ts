import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { mapCollation } from '../../../../src/connectors/mysql/collations.ts';

const MYSQL = new Set([
  'utf8mb4_0900_ai_ci',
  'utf8mb4_0900_as_cs',
  'utf8mb4_0900_bin',
  'utf8mb4_sv_0900_ai_ci',
  'utf8mb4_sv_0900_as_cs',
  'utf8mb4_general_ci',
  'utf8mb3_general_ci',
  'utf8mb4_croatian_ci',
  'ucs2_unicode_520_ci',
]);
const MARIADB = new Set([
  'utf8mb4_uca1400_nopad_ai_ci',
  'utf8mb4_uca1400_swedish_nopad_ai_ci',
  'utf8mb4_nopad_bin',
  'utf8mb4_general_ci',
  'utf8mb4_croatian_ci',
  'utf8mb4_croatian_mysql561_ci',
  // Newer ones answer to the names of MySQL.
  'utf8mb4_0900_ai_ci',
]);
const OLD_MARIADB = new Set(['utf8_general_ci', 'utf8mb4_unicode_520_nopad_ci', 'utf8mb4_unicode_520_ci']);

const to = (present: ReadonlySet<string>, collation: string, otherProduct = true) =>
  mapCollation(collation, present, otherProduct);

describe('a collation that the target may not have', () => {
  test('stays where it is there', () => {
    assert.deepEqual(to(MYSQL, 'utf8mb4_general_ci'), { name: 'utf8mb4_general_ci', order: 'equal' });
    assert.deepEqual(to(MARIADB, 'utf8mb4_0900_ai_ci', false), { name: 'utf8mb4_0900_ai_ci', order: 'equal' });
  });

  test('keeps its order under another name where there is one', () => {
    assert.deepEqual(to(MARIADB, 'utf8mb4_0900_bin'), { name: 'utf8mb4_nopad_bin', order: 'equal' });
    assert.deepEqual(to(MYSQL, 'utf8mb4_nopad_bin'), { name: 'utf8mb4_0900_bin', order: 'equal' });
    assert.deepEqual(to(OLD_MARIADB, 'utf8mb3_general_ci'), { name: 'utf8_general_ci', order: 'equal' });
    assert.deepEqual(to(MYSQL, 'utf8_general_ci'), { name: 'utf8mb3_general_ci', order: 'equal' });
  });

  test('is not believed by its name alone where the products differ', () => {
    assert.deepEqual(to(MARIADB, 'utf8mb4_croatian_ci'), { name: 'utf8mb4_croatian_mysql561_ci', order: 'equal' });
    assert.deepEqual(to(MYSQL, 'utf8mb4_croatian_mysql561_ci'), { name: 'utf8mb4_croatian_ci', order: 'equal' });
    assert.deepEqual(to(MYSQL, 'utf8mb4_croatian_ci'), { name: 'utf8mb4_croatian_ci', order: 'near' });
    assert.deepEqual(to(MARIADB, 'utf8mb4_croatian_ci', false), { name: 'utf8mb4_croatian_ci', order: 'equal' });
    assert.deepEqual(to(MARIADB, 'utf8mb4_0900_ai_ci'), { name: 'utf8mb4_uca1400_nopad_ai_ci', order: 'near' });
  });

  test('comes near in language and strength, never coarser than it has to be', () => {
    assert.deepEqual(to(MARIADB, 'utf8mb4_sv_0900_ai_ci')?.name, 'utf8mb4_uca1400_swedish_nopad_ai_ci');
    assert.deepEqual(to(MYSQL, 'utf8mb4_uca1400_swedish_ai_ci')?.name, 'utf8mb4_sv_0900_ai_ci');
    assert.deepEqual(to(MYSQL, 'utf8mb4_uca1400_swedish_nopad_as_ci')?.name, 'utf8mb4_sv_0900_as_cs');
    assert.deepEqual(to(MYSQL, 'utf8mb4_uca1400_ai_cs')?.name, 'utf8mb4_0900_as_cs');
    assert.deepEqual(to(MYSQL, 'ucs2_uca1400_ai_ci')?.name, 'ucs2_unicode_520_ci');
    assert.deepEqual(to(MYSQL, 'utf8mb4_general_nopad_ci'), { name: 'utf8mb4_general_ci', order: 'near' });
    assert.deepEqual(to(OLD_MARIADB, 'utf8mb4_0900_ai_ci')?.name, 'utf8mb4_unicode_520_nopad_ci');
    assert.deepEqual(to(OLD_MARIADB, 'utf8mb4_uca1400_ai_ci', false)?.name, 'utf8mb4_unicode_520_ci');
  });

  test('has no counterpart where none comes near', () => {
    for (const collation of ['gb18030_chinese_ci', 'utf8mb4_ja_0900_as_cs', 'utf8mb4_myanmar_ci', 'constructor']) {
      assert.equal(to(MARIADB, collation), undefined, collation);
    }
    assert.equal(to(OLD_MARIADB, 'utf8mb4_0900_as_cs'), undefined);
  });
});
