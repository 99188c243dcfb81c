/**
 * Every sentence people read for a code, in both languages, one file for each room that has codes.
 * To add a code: one line `'room.code': ['English {arg}.', '中文 {arg}。'],` in that room's file. A test checks that both
 * languages use the same arguments and that every code in src has its line.
 */
import type { Message, Messages } from './message.ts';
import { cliMessages } from './messages-cli.ts';
import { configMessages } from './messages-config.ts';
import { coreMessages } from './messages-core.ts';
import { elasticsearchMessages } from './messages-elasticsearch.ts';
import { engineMessages } from './messages-engine.ts';
import { filesMessages } from './messages-files.ts';
import { mysqlMessages } from './messages-mysql.ts';
import { pipelineMessages } from './messages-pipeline.ts';
import { reportMessages } from './messages-report.ts';
import { sqliteMessages } from './messages-sqlite.ts';
import { storeMessages } from './messages-store.ts';
import { viewMessages } from './messages-view.ts';
import { whereMessages } from './messages-where.ts';

export const messages: ReadonlyMap<string, Message> = new Map(
  [
    configMessages,
    coreMessages,
    engineMessages,
    storeMessages,
    pipelineMessages,
    sqliteMessages,
    filesMessages,
    mysqlMessages,
    whereMessages,
    elasticsearchMessages,
    cliMessages,
    viewMessages,
    reportMessages,
  ].flatMap((room: Messages) => Object.entries(room)),
);
