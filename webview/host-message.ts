/**
 * Checks of what arrives from the host. Buffers come as ArrayBuffers, everything else as JSON: NaN arrives as null.
 * The header is checked where a wrong shape would break the view or mislead a person.
 */
import type { Coded } from '../src/core/model.ts';
import {
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
const SEVERITIES = ['info', 'warning', 'error'];
const HEADER_NUMBERS = ['concurrency', 'rowsProcessed', 'percent', 'rowsPerSecond', 'bytesPerSecond', 'units'] as const;
const HEADER_LISTS = ['failures', 'notices'] as const;

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
  const { reasons, sample } = value;
  const units = asNumbers(value.units);
  if (units === undefined || !areUnitNumbers(units) || !areReasons(reasons, true)) return undefined;
  if (!(sample === null || typeof sample === 'number')) return undefined;
  return { type: 'delta', v, epoch, seq, header, units, reasons, sample };
}

function isHeader(value: unknown): value is TaskHeader {
  if (!isRecord(value)) return false;
  const { counts, runState, mode, source, target, blocked } = value;
  return (
    typeof value.name === 'string' &&
    RUN_STATES.includes(String(runState)) &&
    (mode === 'auto' || mode === 'manual') &&
    isEnd(source) &&
    isEnd(target) &&
    isRecord(counts) &&
    STATUS_ORDER.every((status) => typeof counts[status] === 'number') &&
    HEADER_NUMBERS.every((name) => typeof value[name] === 'number') &&
    HEADER_LISTS.every((name) => Array.isArray(value[name])) &&
    (value.failures as unknown[]).every((group) => isRecord(group) && isCoded(group.cause)) &&
    (value.notices as unknown[]).every((notice) => isRecord(notice) && isCoded(notice.text)) &&
    (blocked === null || isCoded(blocked))
  );
}

function isEnd(value: unknown): boolean {
  return isRecord(value) && typeof value.name === 'string' && typeof value.system === 'string';
}

function isUnits(value: unknown): value is UnitsSnapshot {
  if (!isRecord(value) || !isIndex(value.count) || !(value.names instanceof ArrayBuffer)) return false;
  const count = value.count;
  const bytes: Record<string, number> = { nameEnds: 4, status: 1, processed: 8, total: 8, duration: 8 };
  for (const [name, size] of Object.entries(bytes)) {
    const buffer = value[name];
    if (!(buffer instanceof ArrayBuffer) || buffer.byteLength !== size * count) return false;
  }
  return areReasons(value.reasons, false);
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
  const { detail, severity } = value;
  return (detail === null || typeof detail === 'string') && SEVERITIES.includes(String(severity));
}

function isCoded(value: unknown): value is Coded {
  return isRecord(value) && typeof value.code === 'string' && isRecord(value.args);
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
