/** How a server is started: the same whether it serves tests or is only watched loading its classes. */
import { join } from 'node:path';
import type { SearchRecipe } from './kinds.ts';

/** Little memory and a quick start: the compiler that makes long-running code faster is left out. */
export const JVM = ['-Xms512m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export type Settings = Readonly<Record<string, string>>;

/** @param port 0: any */
export function settingsOf(recipe: SearchRecipe, folder: string, port: number): Settings {
  return {
    'path.data': join(folder, 'data'),
    'path.logs': join(folder, 'logs'),
    'cluster.name': 'test',
    'node.name': 'node-0',
    'network.host': '127.0.0.1',
    'http.port': String(port),
    'transport.port': '0',
    'discovery.type': 'single-node',
    // A disk that is nearly full would make every index read-only.
    'cluster.routing.allocation.disk.threshold_enabled': 'false',
    ...(recipe.secure ? SECURITY : {}),
  };
}

const SECURITY: Settings = {
  'xpack.security.enabled': 'true',
  'xpack.security.autoconfiguration.enabled': 'false',
  'xpack.security.enrollment.enabled': 'false',
};

/** The arguments of the class that starts a server. */
export function hostArguments(recipe: SearchRecipe, folder: string, settings: Settings): string[] {
  return [folder, recipe.plugins.join(','), ...Object.entries(settings).map(([name, value]) => `${name}=${value}`)];
}
