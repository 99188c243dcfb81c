import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnitSchema } from '../../../../src/connectors/contract.ts';
import { fromDriver } from '../../../../src/connectors/mysql/errors.ts';
import type { MysqlTable, ServerInfo } from '../../../../src/connectors/mysql/schema.ts';
import type { Session, Sessions } from '../../../../src/connectors/mysql/session.ts';
import { openWriter } from '../../../../src/connectors/mysql/writer.ts';
import { DataError } from '../../../../src/core/ports.ts';
import type { MysqlConnection } from '../../../../src/core/settings.ts';
import { settingsFor } from '../../../integration/mysql-copy.ts';

/** A real server says so and cuts the connection at once, so that its words arrive or not. */
test('rows that the server takes for too large a packet are named by the key of the first', async () => {
  const words = Object.assign(new Error("Got a packet bigger than 'max_allowed_packet' bytes"), {
    errno: 1153,
    sqlState: '08S01',
  });
  const refused = fromDriver(words, { name: 'c', password: '' } as MysqlConnection);
  const session = {
    can: { packets: false },
    run: async (sql: string) => {
      if (sql.startsWith('INSERT')) throw refused;
      return { affectedRows: 0, warnings: 0, info: '' };
    },
    release: () => {},
    destroy: () => {},
  } as unknown as Session;
  const columns = [{ name: 'id', type: 'int', dataType: 'int', cell: 'plain', collation: null }];
  const table = { name: 't', transactional: true, indexes: [], columns } as unknown as MysqlTable;
  const server = { flavour: 'mariadb', number: 101_100, maxAllowedPacket: 1 << 20 } as ServerInfo;
  const native = { server, table, copied: columns, key: { index: 'PRIMARY', columns: ['id'] } };
  const schema = { engine: 'mysql', unit: 't', native } as unknown as UnitSchema;
  const sessions = { session: async () => session } as unknown as Sessions;
  const way = { path: 'text', preparesFrom: 0 } as const;
  const options = { settings: settingsFor('t'), format: 'mysql-text', atomic: false } as const;
  const writer = await openWriter({ sessions, server, table, way }, schema, options);
  const data = { format: 'mysql-text', cells: [Buffer.from('41'), Buffer.from('42')] } as const;
  await assert.rejects(writer.write({ rows: 2, bytes: 4, last: null, data }, null), (error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.equal(error.error.code, 'mysql.packetTooLarge');
    assert.deepEqual([error.error.args.table, error.error.args.key], ['t', '41']);
    return true;
  });
  await writer.close();
});
