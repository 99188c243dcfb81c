/**
 * Checks of what arrives from the host. Buffers come as ArrayBuffers, everything else as JSON: NaN arrives as null.
 * The header is checked where a wrong shape would break the view or mislead a person.
 */
import type { Coded } from '../src/core/model.ts';
import {
  COMMAND_TYPES,
  DELTA_STRIDE,
  type HostMessage,
  PROTOCOL_VERSION,
  STATUS_ORDER,
  type TaskHeader,
  type UnitReason,
  type UnitsSnapshot,
} from '../src/protocol/panel.ts';

/** `foreign` = not ours at all, `version` = another release of the host, `malformed` = ours, but unusable. */
export type Checked = { readonly message: HostMessage } | { readonly problem: 'foreign' | 'version' | 'malformed' };

const RUN_STATES = ['idle', 'running', 'pausing', 'paused', 'stopping', 'interrupted'];
const OUTCOMES = ['completed', 'completed_with_errors', 'stopped', 'failed', null];
const MODES = ['auto', 'manual'];
const ENVIRONMENTS = ['development', 'staging', 'production', null];
const SLOW_SIDES = ['source', 'target', 'limits', null];
const SEVERITIES = ['info', 'warning', 'error'];
const HEADER_TEXTS = ['taskId', 'name', 'description'] as const;
const HEADER_FLAGS = ['planning', 'estimating', 'waitsForAdditions'] as const;
const HEADER_COUNTS = ['concurrency', 'units', 'queueRev'] as const;
const HEADER_NUMBERS = [
  'rowsProcessed',
  'bytesProcessed',
  'percent',
  'rowsPerSecond',
  'bytesPerSecond',
  'now',
] as const;
const HEADER_MAYBE_NUMBERS = ['rowsTotal', 'timeLeftMs', 'startedAt', 'endedAt'] as const;
/** Reasons that are due to others, which are due to others: more than this is no sentence any more. */
const DEEPEST_CAUSE = 8;

/** @returns the message with null numbers made NaN, or what is wrong with it. */
export function checkHostMessage(value: unknown): Checked {
  if (!isRecord(value) || typeof value.type !== 'string') return { problem: 'foreign' };
  if (!['snapshot', 'delta', 'heartbeat', 'ack'].includes(value.type)) return { problem: 'foreign' };
  if (value.v !== PROTOCOL_VERSION) return { problem: 'version' };
  const message = asHostMessage(value);
  return message === undefined ? { problem: 'malformed' } : { message };
}

function asHostMessage(value: Record<string, unknown>): HostMessage | undefined {
  const v = PROTOCOL_VERSION;
  const { epoch, seq } = value;
  if (value.type === 'ack') {
    const { id, ok, message } = value;
    if (!isIndex(id) || typeof ok !== 'boolean' || !(message === null || isCoded(message))) return undefined;
    return { type: 'ack', v, id, ok, message };
  }
  if (typeof epoch !== 'string') return undefined;
  if (value.type === 'heartbeat') return { type: 'heartbeat', v, epoch };
  if (!isIndex(seq) || !isHeader(value.header)) return undefined;
  const header = value.header;
  if (value.type === 'snapshot') {
    const { locale, units } = value;
    const samples = asNumbers(value.samples);
    const running = asNumbers(value.running);
    if (typeof locale !== 'string' || !isUnits(units) || samples === undefined) return undefined;
    if (running === undefined || !areUnitNumbers(running)) return undefined;
    return { type: 'snapshot', v, epoch, seq, locale, header, units, samples, running };
  }
  const { reasons, sample, queue } = value;
  const units = asNumbers(value.units);
  if (units === undefined || !areUnitNumbers(units) || !areReasons(reasons, true)) return undefined;
  if (!(sample === null || isNumber(sample)) || !(queue === null || isIndexes(queue))) return undefined;
  return { type: 'delta', v, epoch, seq, header, units, reasons, queue, sample };
}

function isHeader(value: unknown): value is TaskHeader {
  if (!isRecord(value)) return false;
  const { counts, switchingTo, failures, notices } = value;
  return (
    HEADER_TEXTS.every((name) => typeof value[name] === 'string') &&
    HEADER_FLAGS.every((name) => typeof value[name] === 'boolean') &&
    HEADER_COUNTS.every((name) => isIndex(value[name])) &&
    HEADER_NUMBERS.every((name) => isNumber(value[name])) &&
    HEADER_MAYBE_NUMBERS.every((name) => value[name] === null || isNumber(value[name])) &&
    isOneOf(RUN_STATES, value.runState) &&
    isOneOf(OUTCOMES, value.outcome) &&
    isOneOf(MODES, value.mode) &&
    (switchingTo === null || isOneOf(MODES, switchingTo)) &&
    isOneOf(['rows', 'units'], value.percentBy) &&
    isOneOf(SLOW_SIDES, value.slowSide) &&
    isEnd(value.source) &&
    isEnd(value.target) &&
    isRecord(value.connections) &&
    isIndex(value.connections.source) &&
    isIndex(value.connections.target) &&
    isRecord(counts) &&
    STATUS_ORDER.every((status) => isIndex(counts[status])) &&
    Array.isArray(failures) &&
    failures.every((group) => isRecord(group) && isCoded(group.cause) && isIndex(group.count)) &&
    Array.isArray(notices) &&
    notices.every(isNotice) &&
    (value.blocked === null || isCoded(value.blocked)) &&
    (value.managedBy === null || isCoded(value.managedBy))
  );
}

function isNotice(value: unknown): boolean {
  if (!isRecord(value) || !isCoded(value.text)) return false;
  return isOneOf(SEVERITIES, value.severity) && (value.action === null || isOneOf(COMMAND_TYPES, value.action));
}

function isEnd(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { name, system, environment } = value;
  return typeof name === 'string' && typeof system === 'string' && isOneOf(ENVIRONMENTS, environment);
}

function isUnits(value: unknown): value is UnitsSnapshot {
  if (!isRecord(value) || !isIndex(value.count) || !(value.names instanceof ArrayBuffer)) return false;
  const count = value.count;
  const bytes: Record<string, number> = { nameEnds: 4, status: 1, processed: 8, total: 8, duration: 8 };
  for (const [name, size] of Object.entries(bytes)) {
    const buffer = value[name];
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== size * count) return false;
  }
  if (!new Uint8Array(value.status as ArrayBuffer).every((status) => status < STATUS_ORDER.length)) return false;
  return areReasons(value.reasons, false) && isIndexes(value.queue);
}

/** Whether it is a buffer of Uint32. */
function isIndexes(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer && value.byteLength % Uint32Array.BYTES_PER_ELEMENT === 0;
}

function areUnitNumbers(numbers: readonly number[]): boolean {
  if (numbers.length % DELTA_STRIDE !== 0) return false;
  for (let at = 0; at < numbers.length; at += DELTA_STRIDE) {
    const status = numbers[at + 1];
    if (!isIndex(numbers[at]) || !isIndex(status) || status >= STATUS_ORDER.length) return false;
  }
  return true;
}

/** @param gone whether a null says that a unit has nothing to say any more; a snapshot has no such thing. */
function areReasons(value: unknown, gone: boolean): value is readonly (readonly [number, UnitReason])[] {
  if (!Array.isArray(value)) return false;
  return value.every(
    (pair) => Array.isArray(pair) && isIndex(pair[0]) && (isReason(pair[1]) || (gone && pair[1] === null)),
  );
}

function isReason(value: unknown): boolean {
  if (!isRecord(value) || !isCoded(value.text)) return false;
  const { detail, severity, dueAt } = value;
  return (
    (detail === null || typeof detail === 'string') &&
    (dueAt === null || isNumber(dueAt)) &&
    isOneOf(SEVERITIES, severity)
  );
}

function isCoded(value: unknown, depth = 0): value is Coded {
  if (!isRecord(value) || typeof value.code !== 'string' || !isRecord(value.args)) return false;
  // A figure that is none arrives as null.
  if (!Object.values(value.args).every((arg) => arg === null || ['string', 'number'].includes(typeof arg)))
    return false;
  return value.cause === undefined || (depth < DEEPEST_CAUSE && isCoded(value.cause, depth + 1));
}

function asNumbers(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const numbers: number[] = [];
  for (const item of value) {
    if (item !== null && typeof item !== 'number') return undefined;
    numbers.push(item ?? Number.NaN);
  }
  return numbers;
}

function isIndex(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isOneOf(values: readonly unknown[], value: unknown): boolean {
  return values.includes(value);
}
