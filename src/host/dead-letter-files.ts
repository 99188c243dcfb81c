/** Files of rejected rows beside the store: `dead-letters/TASK/RUN.jsonl`. Workers write them. */
import * as fs from 'node:fs';
import { join } from 'node:path';

/** @param folder of the store */
export function deadLetterFiles(folder: string) {
  const folderOf = (taskId: string) => join(folder, 'dead-letters', nameOf(taskId.slice(taskId.indexOf('/') + 1)));
  return {
    path: (taskId: string, runId: string): string => join(folderOf(taskId), `${nameOf(runId)}.jsonl`),
    keepOnly(taskId: string, runIds: ReadonlySet<string>): void {
      const kept = new Set([...runIds].map((runId) => `${nameOf(runId)}.jsonl`));
      const at = folderOf(taskId);
      try {
        const found = fs.readdirSync(at);
        const old = found.filter((name) => !kept.has(name));
        for (const name of old) fs.rmSync(join(at, name), { force: true });
        if (old.length === found.length) fs.rmdirSync(at);
      } catch {
        // There is none yet, or what cannot be deleted now can be later.
      }
    },
  };
}

/** Names of tasks are tame already; what is not of ours stays inside the folder all the same. */
function nameOf(text: string): string {
  return text.replace(/[^\w.~-]/g, '_').replace(/^\.+$/, (dots) => '_'.repeat(dots.length));
}
