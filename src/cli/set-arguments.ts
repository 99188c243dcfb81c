/** `set TASK NAME=VALUE ..`: settings of a task that change while it runs. */
import { nearest } from '../config/nearest.ts';
import type { Coded, SettingsChange } from '../core/model.ts';
import type { SetCommand } from './command.ts';
import type { Line } from './options.ts';

interface Range {
  readonly least: number;
  readonly most: number;
  readonly decimal?: boolean;
}

/** As in the file; dots lead to the members of `limits` and `retry`. */
const SETTINGS: ReadonlyMap<string, Range | readonly string[]> = new Map<string, Range | readonly string[]>([
  ['concurrency', { least: 1, most: 64 }],
  ['onError', ['skip', 'pause']],
  ['limits.rowsPerSecond', { least: 0, most: 1_000_000_000 }],
  ['limits.bytesPerSecond', { least: 0, most: 1_000_000_000_000 }],
  ['retry.attempts', { least: 0, most: 1_000 }],
  ['retry.delayMs', { least: 0, most: 86_400_000 }],
  ['retry.factor', { least: 1, most: 100, decimal: true }],
  ['retry.maxDelayMs', { least: 0, most: 86_400_000 }],
  ['retry.jitter', { least: 0, most: 1, decimal: true }],
]);

export function setArguments(line: Line): SetCommand | Coded {
  const [task = '', ...words] = line.words;
  if (words.length === 0) return { code: 'cli.settingMissing', args: {} };
  const flat = new Map<string, string | number>();
  for (const word of words) {
    const at = word.indexOf('=');
    const setting = at < 0 ? word : word.slice(0, at);
    const kind = SETTINGS.get(setting);
    if (kind === undefined) return unknownSetting(setting);
    if (at < 0) return { code: 'cli.noValue', args: { option: setting } };
    if (flat.has(setting)) return { code: 'cli.optionTwice', args: { option: setting } };
    const value = settingValue(setting, word.slice(at + 1), kind);
    if (typeof value === 'object') return value;
    flat.set(setting, value);
  }
  return { name: 'set', ...line.common, task, settings: nested(flat) };
}

function unknownSetting(setting: string): Coded {
  const meant = nearest(setting, SETTINGS.keys());
  if (meant !== undefined) return { code: 'cli.unknownSettingNearest', args: { setting, nearest: meant } };
  return { code: 'cli.unknownSetting', args: { setting, settings: [...SETTINGS.keys()].join(', ') } };
}

function settingValue(option: string, value: string, kind: Range | readonly string[]): string | number | Coded {
  if (!('least' in kind)) {
    if (kind.includes(value)) return value;
    return { code: 'cli.badChoice', args: { option, value, choices: kind.join(', ') } };
  }
  const { least, most, decimal = false } = kind;
  const shape = decimal ? /^\d{1,15}(\.\d{1,15})?$/ : /^\d{1,15}$/;
  if (shape.test(value) && Number(value) >= least && Number(value) <= most) return Number(value);
  return { code: decimal ? 'cli.badDecimal' : 'cli.badNumber', args: { option, value, least, most } };
}

function nested(flat: ReadonlyMap<string, string | number>): SettingsChange {
  const settings: Record<string, unknown> = {};
  for (const [setting, value] of flat) {
    const [outer = '', inner] = setting.split('.');
    if (inner === undefined) settings[outer] = value;
    else settings[outer] = { ...(settings[outer] as object | undefined), [inner]: value };
  }
  return settings as SettingsChange;
}
