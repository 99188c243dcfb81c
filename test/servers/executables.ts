import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Path of the first of these programs that is on the PATH or in one of the usual system folders. */
export async function firstExecutable(names: readonly string[]): Promise<string | undefined> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/bin'];
  for (const name of names) {
    for (const folder of folders.filter((each) => each !== '')) {
      const path = join(folder, name);
      try {
        await access(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return undefined;
}
