/** The obvious way from a table into an index: rows of the driver into the client's own helper. Arguments: a JSON object. */
import { createRequire } from 'node:module';
import mysql from 'mysql2';

const { modules, mysql: from, table, url, index } = JSON.parse(process.argv[2] ?? '{}');
const { Client } = createRequire(modules)('@elastic/elasticsearch');
const client = new Client({ node: url });
const connection = mysql.createConnection(from);
const { failed } = await client.helpers.bulk({
  datasource: connection.query(`SELECT * FROM \`${table}\``).stream(),
  onDocument: (/** @type {{ id: number }} */ row) => [{ index: { _index: index, _id: String(row.id) } }, row],
  refreshOnCompletion: true,
});
connection.end();
if (failed > 0) process.exitCode = 1;
