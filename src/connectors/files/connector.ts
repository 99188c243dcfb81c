import type { FilesConnection } from '../../core/settings.ts';
import type { Connector } from '../contract.ts';
import { endingOf, findUnits } from './places.ts';
import { openFilesSource } from './source.ts';
import { openFilesTarget } from './target.ts';

/** JSON Lines and CSV files of a folder, packed or not. */
export const filesConnector: Connector<FilesConnection> = {
  openSource: openFilesSource,
  openTarget: (connection) => openFilesTarget(connection),
  test: async (connection, signal) => {
    signal?.throwIfAborted();
    return { server: `${findUnits(connection).length} *${endingOf(connection)}` };
  },
};
