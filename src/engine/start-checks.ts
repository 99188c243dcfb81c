/** What stops a start before anything is opened: each with one sentence that says what to do. */
import { outsidePaths } from '../config/outside-paths.ts';
import { productionTarget, unsupported } from '../config/unsupported.ts';
import type { Coded } from '../core/model.ts';
import type { StartOptions } from './api.ts';
import type { KnownTask } from './known-tasks.ts';

/** null = nothing stops it. */
export async function whyNotStart(task: KnownTask, options: StartOptions): Promise<Coded | null> {
  const { config, model } = task;
  if (!config || !model) return { code: 'task.notDefined', args: { task: task.name } };
  const [missing] = unsupported(config, model);
  if (missing) return missing;
  const production = productionTarget(config, model);
  if (production !== null && options.confirmProduction !== production) {
    return { code: 'target.production', args: { connection: production } };
  }
  if (!options.confirmOutside) {
    const [outside] = await outsidePaths(config, model);
    if (outside) return { code: 'path.outside', args: { connection: outside.connection, path: outside.path } };
  }
  return null;
}
