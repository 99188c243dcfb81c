import type { TSchema } from 'typebox';
import * as Type from 'typebox';
import { CONNECTION_DEFAULTS as defaults } from './defaults.ts';
import { flag, object, oneOf, secret, shaped, text, whenMember, whole } from './schema-parts.ts';

const ADDRESS = `May hold \${env:NAME} references.`;
const tlsCa = text('PEM file with the certificate authorities to trust, relative to this file.');

const mysql = {
  host: text(`Host name or IP address. ${ADDRESS}`, { minLength: 1 }),
  port: whole('TCP port.', 1, 65_535, { default: defaults.port }),
  socket: text(`Path of a local socket, instead of host and port. ${ADDRESS}`, { minLength: 1 }),
  user: text('User name.', { default: defaults.user }),
  password: secret('Password.'),
  database: text('Database (schema) whose tables are the units.', { default: defaults.database }),
  tls: oneOf(
    'Encryption. Default: verify-full for hosts that are not loopback, preferred for loopback, off for sockets.',
    {
      off: 'No encryption.',
      preferred: 'Encrypted when the server offers it; nothing is checked.',
      required: 'Encrypted; the certificate is not checked.',
      'verify-ca': 'Encrypted; the certificate must come from a trusted authority.',
      'verify-full': 'Encrypted; the certificate must be trusted and name this host.',
    },
    { default: 'verify-full' },
  ),
  tlsCa,
  tlsCert: text('PEM file with the client certificate, relative to this file.'),
  tlsKey: secret('Private key of the client certificate (PEM).'),
  connectTimeoutMs: whole('Longest wait for a connection, in ms.', 1, 600_000, { default: defaults.connectTimeoutMs }),
  queryTimeoutMs: whole('Longest wait for an answer, in ms; 0: no limit.', 0, 86_400_000, {
    default: defaults.queryTimeoutMs,
  }),
};

const elasticsearch = {
  url: Type.Union(
    [Type.String({ minLength: 1 }), Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 64 })],
    { description: `Address with http or https, or a list of them. ${ADDRESS}` },
  ),
  auth: object('How to log in: exactly one of apiKey, bearer, or user with password. Default: no login.', {
    apiKey: secret('API key (its encoded form).'),
    bearer: secret('Bearer token.'),
    user: text('User name.', { minLength: 1 }),
    password: secret('Password.'),
  }),
  tlsCa,
  fingerprint: shaped(
    "SHA-256 fingerprint of the server's certificate, or of the authority that signed it.",
    '^[0-9A-Fa-f]{2}[0-9A-Fa-f:.]*$',
    'value.fingerprint',
    'Bytes in hexadecimal, with or without colons.',
  ),
  compression: flag('Compress requests and answers. Default: true, and false where all addresses are loopback.'),
  requestTimeoutMs: whole('Longest wait for an answer, in ms.', 1, 86_400_000, { default: defaults.requestTimeoutMs }),
};

const sqlite = {
  file: text('SQLite database file, relative to this file.', { minLength: 1 }),
};

const files = {
  folder: text('Folder of the files, relative to this file.', { minLength: 1 }),
  format: oneOf(
    'File format.',
    { jsonl: 'JSON Lines: one object a line.', csv: 'Comma-separated values with a header line.' },
    { default: defaults.format },
  ),
  compress: oneOf('Compression.', { none: 'Plain files.', gzip: 'gzip' }, { default: defaults.compress }),
};

const TYPES = {
  mysql: 'MySQL',
  mariadb: 'The same as mysql.',
  elasticsearch: 'Elasticsearch 7.17, 8 and 9, or OpenSearch 2 and 3.',
  opensearch: 'The same as elasticsearch.',
  sqlite: 'A SQLite database file.',
  files: 'A folder of JSON Lines or CSV files.',
};

export const connectionSchema: TSchema = object(
  'One database, search cluster or folder.',
  {
    type: oneOf('The system behind this connection.', TYPES),
    environment: oneOf(
      'What this system is used for; production asks for a typed confirmation before it is written to.',
      {
        development: 'Development.',
        staging: 'Staging.',
        production: 'Production: as a target it needs a typed confirmation.',
      },
    ),
  },
  {
    allOf: [
      whenMember('type', Type.Enum(['mysql', 'mariadb']), mysql),
      whenMember('type', Type.Enum(['elasticsearch', 'opensearch']), elasticsearch, ['url']),
      whenMember('type', Type.Enum(['sqlite']), sqlite, ['file']),
      whenMember('type', Type.Enum(['files']), files, ['folder']),
    ],
    defaultSnippets: [
      {
        label: 'MySQL or MariaDB',
        body: { type: 'mysql', host: '$1', user: '$2', password: `\\\${env:\${3:DB_PASSWORD}\\}`, database: '$4' },
      },
      {
        label: 'Elasticsearch or OpenSearch',
        body: { type: 'elasticsearch', url: 'https://$1:9200', auth: { user: `\${2:elastic}` } },
      },
      { label: 'SQLite file', body: { type: 'sqlite', file: '$1' } },
      { label: 'Folder of files', body: { type: 'files', folder: '$1' } },
    ],
  },
  ['type'],
);
