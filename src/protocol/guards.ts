/** Checks of what arrives from outside: a view's message is attack input like any other. */
import { COMMAND_TYPES, type CommandArgs, type CommandType, PROTOCOL_VERSION, type ViewMessage } from './panel.ts';

/** @returns the message, or undefined when it is not one: unknown shape, other version, indexes that are no indexes. */
export function asViewMessage(value: unknown): ViewMessage | undefined {
  if (!isRecord(value) || value.v !== PROTOCOL_VERSION) return undefined;
  switch (value.type) {
    case 'ready':
      return { type: 'ready', v: PROTOCOL_VERSION };
    case 'resync':
      return { type: 'resync', v: PROTOCOL_VERSION, reason: String(value.reason).slice(0, 200) };
    case 'command': {
      const { id, epoch, command } = value;
      const args = asArgs(value.args);
      if (!isIndex(id) || typeof epoch !== 'string' || !isCommand(command) || args === undefined) return undefined;
      return { type: 'command', v: PROTOCOL_VERSION, id, epoch, command, args };
    }
    default:
      return undefined;
  }
}

function asArgs(value: unknown): CommandArgs | undefined {
  if (value === undefined) return {};
  if (!isRecord(value)) return undefined;
  const { units, concurrency } = value;
  if (units !== undefined && !(Array.isArray(units) && units.every(isIndex))) return undefined;
  if (concurrency !== undefined && !isIndex(concurrency)) return undefined;
  return { ...(units === undefined ? {} : { units }), ...(concurrency === undefined ? {} : { concurrency }) };
}

function isCommand(value: unknown): value is CommandType {
  return COMMAND_TYPES.some((type) => type === value);
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
