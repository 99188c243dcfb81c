import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TaskSummary } from '../../src/engine/api.ts';
import type { DataTraceApi } from '../../src/extension/extension.ts';

export const workspace = process.env.DATATRACE_TEST_WORKSPACE ?? '';
export const configFile = path.join(workspace, 'datatrace.json');

export async function dataTrace(): Promise<DataTraceApi> {
  const extension = vscode.extensions.getExtension<DataTraceApi>('datatrace.datatrace');
  assert.ok(extension, 'the host knows no extension datatrace.datatrace');
  const api = await extension.activate();
  await api.ready();
  return api;
}

export async function task(name = 'shop-copy'): Promise<TaskSummary> {
  const found = (await dataTrace()).tasks().find((each) => each.name === name);
  assert.ok(found, `there is no task ${name}`);
  return found;
}

/** Polls until `look` answers something; fails after `ms`, saying what it saw last. */
export async function until<T>(what: string, look: () => Promise<T | undefined | false>, ms = 20_000): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > deadline) assert.fail(`not within ${ms} ms: ${what}\n${(await dataTrace()).treeAsText()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface TestConfig {
  readonly connections: Record<string, object>;
  readonly tasks: Record<string, object>;
}

/** Changes the file on the disk, behind the editor's back, and returns what it was. */
export function editConfig(change: (config: TestConfig) => void): string {
  const before = fs.readFileSync(configFile, 'utf8');
  const config = JSON.parse(before);
  change(config);
  fs.writeFileSync(configFile, `${JSON.stringify(config, null, 2)}\n`);
  return before;
}
