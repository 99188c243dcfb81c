import fs from 'node:fs';
import path from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from '../../scripts/host/browser.mjs';
import { linkRepository, makeProfile, writeSettings } from '../../scripts/host/profile.mjs';
import { freePort, installVsix, startWebHost } from '../../scripts/host/web-host.mjs';
import { developmentNode } from '../../scripts/setup/development-node.mjs';
import { artifacts, root } from '../../scripts/setup/paths.mjs';
import { run as runProgram } from '../../scripts/setup/process.mjs';

/** Lines of the code inside begin with this: the workbench prints in between. */
const PREFIX = '[host-test] ';

export interface EditorOptions {
  /** Names the logs in `artifacts`. */
  readonly name: string;
  /** An empty folder for everything of this editor. */
  readonly folder: string;
  /** The packed extension; undefined = the repository with what stands in `dist`. */
  readonly vsix: string | undefined;
  /** Built-in extensions beside the themes. */
  readonly builtins?: readonly string[];
  /** Environment of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Editor {
  /**
   * Opens a window on a folder, with an extension host of its own, and runs a bundle's `run()` inside that host.
   * @returns 0 when `run()` resolved, else 1; also when it did not end within `limitMs`
   */
  run(job: {
    /** A folder, or a `.code-workspace` file with several. */
    readonly workspace: string;
    readonly bundle: string;
    readonly limitMs: number;
    readonly onLine: (line: string) => void;
  }): Promise<number>;
  /** Ends everything it started; its logs stay in `artifacts`. */
  close(): Promise<void>;
}

/** Starts a VS Code (the web host) with our extension and a browser that shows its windows. */
export async function startEditor(options: EditorOptions): Promise<Editor> {
  fs.mkdirSync(options.folder, { recursive: true });
  const tests = writeTestExtension(path.join(options.folder, 'tests'));
  const profile = makeProfile(path.join(options.folder, 'profile'));
  writeSettings(profile);
  if (options.vsix === undefined) linkRepository(profile);
  else await installVsix(profile, options.vsix);
  const host = await startWebHost({
    profile,
    port: await freePort(),
    testDriver: true,
    builtins: options.builtins ?? [],
    env: { ...options.env, DATATRACE_STORE: path.join(options.folder, 'store') },
  });
  const browser = await launchBrowser();
  const log: string[] = [];

  return {
    async run({ workspace, bundle, limitMs, onLine }) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      let finish: (code: number) => void = () => {};
      const finished = new Promise<number>((resolve) => {
        finish = resolve;
      });
      await page.exposeFunction('codeAutomationLog', (type: string, args: unknown[]) => {
        const text = format(...args);
        log.push(`[${type}] ${text}`);
        for (const line of text.split('\n')) if (line.startsWith(PREFIX)) onLine(line.slice(PREFIX.length));
      });
      await page.exposeFunction('codeAutomationExit', (code: number) => finish(code));
      const remote = (file: string) => `vscode-remote://127.0.0.1:${host.port}${file}`;
      const payload = JSON.stringify([
        ['extensionDevelopmentPath', remote(tests)],
        ['extensionTestsPath', remote(bundle)],
        ['skipWelcome', 'true'],
      ]);
      const kind = workspace.endsWith('.code-workspace') ? 'workspace' : 'folder';
      await page.goto(`${host.origin}/?${kind}=${workspace}&payload=${encodeURIComponent(payload)}`);
      const late = setTimeout(async () => {
        fs.mkdirSync(artifacts, { recursive: true });
        await page.screenshot({ path: path.join(artifacts, `${options.name}-late.png`) });
        console.error(`It did not end within ${limitMs / 1000} s: see artifacts/${options.name}-late.png`);
        finish(1);
      }, limitMs);
      const code = await finished;
      clearTimeout(late);
      await page.close();
      return code;
    },
    async close() {
      await browser.close();
      await host.stop();
      fs.mkdirSync(artifacts, { recursive: true });
      fs.writeFileSync(path.join(artifacts, `${options.name}-window.log`), `${log.join('\n')}\n`);
      const logs = path.join(profile.userData, 'logs');
      if (fs.existsSync(logs)) fs.cpSync(logs, path.join(artifacts, `${options.name}-logs`), { recursive: true });
    },
  };
}

/** The packed extension of $DATATRACE_VSIX, else one that is packed now, into `folder`. */
export async function packedExtension(folder: string): Promise<string> {
  if (process.env.DATATRACE_VSIX) return process.env.DATATRACE_VSIX;
  const file = path.join(folder, 'datatrace.vsix');
  await runProgram(developmentNode(), [path.join(root, 'scripts', 'package.mjs'), '--out', file], { cwd: root });
  return file;
}

/** VS Code loads tests only for an extension under development, and ours shall be the packed one: so an empty one. */
function writeTestExtension(place: string): string {
  fs.mkdirSync(place);
  const manifest = { name: 'host-tests', publisher: 'datatrace-tests', version: '0.0.1', engines: { vscode: '*' } };
  fs.writeFileSync(path.join(place, 'package.json'), JSON.stringify(manifest));
  return place;
}
