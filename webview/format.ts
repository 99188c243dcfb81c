/** Figures as people read them, in the language of the editor. */
import { percentText } from '../src/wording/percent.ts';

export interface Format {
  /** 1,234,567 */
  count(value: number): string;
  /** 18.4K */
  short(value: number): string;
  percent(value: number): string;
  /** 1.2 MB */
  bytes(value: number): string;
  /** Countdown of a unit: 0:42, 3:28, 2:05:10. */
  clock(ms: number): string;
  /** How long something took: 0.3 s, 12 s, 3 min 20 s. */
  duration(ms: number): string;
}

const STEP = 1000;
const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

export function createFormat(locale: string): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const [second, minute, hour] = locale.startsWith('zh') ? [' 秒', ' 分', ' 小时'] : [' s', ' min', ' h'];

  return {
    count: (value) => whole.format(value),
    short: (value) => (value < 10_000 ? whole.format(value) : compact.format(value)),
    percent: (value) => percentText(value, locale),
    bytes(value) {
      const power = value < STEP ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
      const shown = value / STEP ** power;
      return `${(shown < 100 ? decimal : whole).format(shown)} ${BYTE_UNITS[power]}`;
    },
    clock(ms) {
      const seconds = Math.round(ms / 1000);
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
      const tail = String(seconds % 60).padStart(2, '0');
      return hours === 0 ? `${minutes}:${tail}` : `${hours}:${String(minutes).padStart(2, '0')}:${tail}`;
    },
    duration(ms) {
      if (ms < 9_950) return decimal.format(Math.max(0.1, ms / 1000)) + second;
      const seconds = Math.round(ms / 1000);
      if (seconds < 60) return seconds + second;
      const minutes = Math.floor(seconds / 60);
      if (minutes < 60) return `${minutes}${minute} ${seconds % 60}${second}`;
      return `${Math.floor(minutes / 60)}${hour} ${minutes % 60}${minute}`;
    },
  };
}

/** Time left with one unit of precision. */
export type Rough =
  | { readonly unit: 'moment' }
  | { readonly unit: 'second' | 'minute' | 'hour' | 'day'; readonly value: number };

export function rough(ms: number): Rough {
  const seconds = ms / 1000;
  if (seconds < 5) return { unit: 'moment' };
  if (seconds < 57.5) return { unit: 'second', value: Math.max(5, Math.round(seconds / 5) * 5) };
  if (seconds < 59.5 * 60) return { unit: 'minute', value: Math.max(1, Math.round(seconds / 60)) };
  if (seconds < 47.5 * 3600) return { unit: 'hour', value: Math.max(1, Math.round(seconds / 3600)) };
  return { unit: 'day', value: Math.round(seconds / 86_400) };
}
