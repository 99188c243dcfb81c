/** A process that tests one connection in a worker thread, as the hosts do, and says what came of it. */
import type { MysqlConnection } from '../../src/core/settings.ts';
import { createExecutor } from '../../src/engine/executor.ts';
import { systemClock } from '../../src/workspace/system-clock.ts';

process.once('message', async (connection: MysqlConnection) => {
  const workerFile = new URL('../../src/worker/main.ts', import.meta.url);
  const executor = createExecutor({ workerFile, clock: systemClock });
  const said = await executor.testConnection(connection).then(
    ({ server }) => server,
    (error: { error?: { code: string } }) => error.error?.code ?? String(error),
  );
  await executor.dispose();
  process.send?.(said);
  process.disconnect();
});
