/** Checks of what arrives from outside: a view's message is attack input like any other. */
import {
  COMMAND_TYPES,
  type CommandArgs,
  type CommandType,
  PLACES,
  PROTOCOL_VERSION,
  type ViewMessage,
} from './panel.ts';

/** @returns the message, or undefined when it is not one: unknown shape, other version, indexes that are no indexes. */
export function asViewMessage(value: unknown): ViewMessage | undefined {
  if (!isRecord(value) || value.v !== PROTOCOL_VERSION) return undefined;
  switch (value.type) {
    case 'ready':
      return { type: 'ready', v: PROTOCOL_VERSION };
    case 'resync':
      if (typeof value.reason !== 'string') return undefined;
      return { type: 'resync', v: PROTOCOL_VERSION, reason: value.reason.slice(0, 200) };
    case 'command': {
      const { id, epoch, command } = value;
      const args = asArgs(value.args);
      if (!isIndex(id) || typeof epoch !== 'string' || !isCommand(command) || args === undefined) return undefined;
      if (!saysEnough(command, args)) return undefined;
      return { type: 'command', v: PROTOCOL_VERSION, id, epoch, command, args };
    }
    default:
      return undefined;
  }
}

/** Whether a command has what it cannot do without. */
function saysEnough(command: CommandType, args: CommandArgs): boolean {
  switch (command) {
    case 'setMode':
      return args.mode !== undefined;
    case 'queueAdd':
    case 'queueMove':
      return args.units !== undefined && args.place !== undefined;
    case 'queueRemove':
    case 'abort':
    case 'restart':
    case 'syncNow':
      return args.units !== undefined;
    default:
      return true;
  }
}

/** Takes the known arguments only, each of its kind. */
function asArgs(value: unknown): CommandArgs | undefined {
  if (value === undefined) return {};
  if (!isRecord(value)) return undefined;
  const { units, concurrency, mode, place, before, queueRev, again } = value;
  if (units !== undefined && !(Array.isArray(units) && units.every(isIndex))) return undefined;
  if (![concurrency, before, queueRev].every((each) => each === undefined || isIndex(each))) return undefined;
  if (![undefined, 'auto', 'manual'].includes(mode as undefined)) return undefined;
  if (place !== undefined && !PLACES.some((each) => each === place)) return undefined;
  if ((place === 'before') !== (before !== undefined)) return undefined;
  if (again !== undefined && typeof again !== 'boolean') return undefined;
  const known = { units, concurrency, mode, place, before, queueRev, again };
  return Object.fromEntries(Object.entries(known).filter(([, given]) => given !== undefined)) as CommandArgs;
}

function isCommand(value: unknown): value is CommandType {
  return COMMAND_TYPES.some((type) => type === value);
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
