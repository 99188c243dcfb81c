import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../../..');
const json = (file: string) => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));
const manifest = json('package.json');
const english: Record<string, string> = json('package.nls.json');
const chinese: Record<string, string> = json('package.nls.zh-cn.json');
const bundle: Record<string, string> = json('l10n/bundle.l10n.zh-cn.json');
const sources = fs
  .readdirSync(path.join(root, 'src/extension'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => fs.readFileSync(path.join(root, 'src/extension', file), 'utf8'))
  .join('\n');

interface Contributed {
  command: string;
  title: string;
  category?: string;
  icon?: string;
}
const commands: Contributed[] = manifest.contributes.commands;
const names = commands.map(({ command }) => command);

/** What rows of the tree say of themselves, see looks.ts and tree-model.ts. */
const STATUSES = ['running', 'queued', 'failed', 'paused', 'pending', 'completed'];
const CONTEXTS = [
  ...[
    'idle',
    'running',
    'pausing',
    'paused',
    'stopping',
    'interrupted',
    'planning',
    'done',
    'blocked',
    'removed',
  ].flatMap((state) =>
    ['', '+failed', '+rejected', '+manual', '+failed+manual+queued', '+managed'].map(
      (flags) => `task.${state}${flags}`,
    ),
  ),
  ...STATUSES.flatMap((status) =>
    ['', '+manual', '+retry', '+manual+retry', '+rejected', '+blocked', '+manual+blocked', '+rejected+blocked'].map(
      (flags) => `unit.${status}${flags}`,
    ),
  ),
  ...[...STATUSES, 'queue'].flatMap((group) =>
    ['ready', 'blocked'].flatMap((state) => [`group.${group}.${state}`, `group.${group}.${state}+manual`]),
  ),
  'managed',
];
const isBlocked = (context: string) => /blocked/.test(context);
/** Of what cannot be touched the panel, the file and the records can be looked at. */
const LOOKS = /^\^(task|unit)\\\.(?:\.\*\\\+rejected)?$|managed/;

const argumentsOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

describe('the manifest', () => {
  test('registers every command and nothing else', () => {
    const typed = [...sources.matchAll(/export type \w*CommandName =([^;]*);/g)].map(([, names]) => names).join('|');
    const registered = [...typed.matchAll(/'(\w+)'/g)].map(([, name]) => `datatrace.${name}`);
    assert.deepEqual([...names].sort(), registered.sort());
  });

  test('gives every command the category DataTrace and a title in both languages', () => {
    for (const { command, title, category } of commands) {
      assert.equal(category, 'DataTrace', command);
      assert.match(title, /^%.+%$/, command);
    }
  });

  test('offers every command in the palette: none is for the tree or a key alone', () => {
    const hidden = manifest.contributes.menus.commandPalette.filter(({ when }: { when: string }) => when === 'false');
    assert.deepEqual(hidden, []);
  });

  test('names only commands that exist in menus, keys and welcome texts', () => {
    const used: string[] = [
      ...Object.values<{ command: string }[]>(manifest.contributes.menus).flat(),
      ...manifest.contributes.keybindings,
    ].map(({ command }) => command);
    const linked = [...JSON.stringify(english).matchAll(/command:(datatrace\.\w+)/g)].map(([, name]) => name ?? '');
    for (const command of [...used, ...linked]) assert.ok(names.includes(command), command);
  });

  test('asks of rows only what a row says of itself', () => {
    const rows = manifest.contributes.menus['view/item/context'];
    const patterns = rows.map(({ when }: { when: string }) => /viewItem =~ \/(.*)\/$/.exec(when)?.[1] ?? '(?!)');
    for (const pattern of new Set<string>(patterns)) {
      const matching = CONTEXTS.filter((context) => new RegExp(pattern).test(context));
      assert.ok(matching.length > 0, pattern);
      assert.ok(
        matching.every((context) => !isBlocked(context) || LOOKS.test(pattern)),
        pattern,
      );
    }
  });

  test('has a key in the tree for each way to drag an entry of the queue', () => {
    const inTree = manifest.contributes.keybindings
      .filter(({ args }: { args?: { from?: string } }) => args?.from === 'tree')
      .map(({ command }: { command: string }) => command.replace('datatrace.', ''));
    const drags = ['addToQueue', 'queueUp', 'queueDown', 'queueTop', 'queueBottom', 'queueBefore', 'removeFromQueue'];
    for (const command of drags) assert.ok(inTree.includes(command), command);
  });

  test('gives inline actions an icon', () => {
    const inline = manifest.contributes.menus['view/item/context'].filter(({ group }: { group: string }) =>
      group.startsWith('inline'),
    );
    for (const { command } of inline) assert.ok(commands.find((each) => each.command === command)?.icon, command);
  });

  test('has every text in both languages, with the same links, and none too many', () => {
    const wanted = new Set([...JSON.stringify(manifest).matchAll(/%([\w.]+)%/g)].map(([, key]) => key ?? ''));
    assert.deepEqual(Object.keys(english).sort(), [...wanted].sort());
    assert.deepEqual(Object.keys(chinese), Object.keys(english));
    for (const [key, text] of Object.entries(english)) {
      const links = (value: string) => [...value.matchAll(/\(command:[\w.]+\)/g)].map(String).sort();
      assert.deepEqual(links(chinese[key] ?? ''), links(text), key);
    }
  });

  test('activates on its views, its file and its panels, never on everything', () => {
    assert.deepEqual(manifest.activationEvents, ['workspaceContains:datatrace.json', 'onWebviewPanel:datatrace.task']);
  });

  test('restricts every setting in an untrusted workspace and keeps machine settings out of workspaces', () => {
    const settings = manifest.contributes.configuration.properties;
    const { untrustedWorkspaces, virtualWorkspaces } = manifest.capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.deepEqual([...untrustedWorkspaces.restrictedConfigurations].sort(), Object.keys(settings).sort());
    assert.equal(virtualWorkspaces.supported, false);
    assert.ok(virtualWorkspaces.description);
    for (const name of ['datatrace.storeFolder', 'datatrace.openOnStart']) {
      assert.equal(settings[name].scope, 'machine', name);
    }
  });

  test('names only files that exist', () => {
    const files = [...JSON.stringify(manifest).matchAll(/"(?:\.\/)?((?:media|schemas)\/[^"]+)"/g)].map(
      ([, file]) => file,
    );
    assert.ok(files.length > 4);
    for (const file of files) assert.ok(fs.existsSync(path.join(root, file ?? '')), file);
  });
});

describe('the words of the extension', () => {
  const literal = /\b(?:t|translate)\(\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`)/g;
  const used = [...sources.matchAll(literal)].map(([, single, double]) => single ?? double);

  test('are literals, so that they can be collected', () => {
    assert.ok(used.length > 60);
    assert.ok(used.every((text) => text !== undefined));
  });

  test('are all there in Simplified Chinese, with the same arguments, and none too many', () => {
    assert.deepEqual(Object.keys(bundle).sort(), [...new Set(used as string[])].sort());
    for (const [text, translated] of Object.entries(bundle)) {
      assert.deepEqual(argumentsOf(translated), argumentsOf(text), text);
    }
  });
});
