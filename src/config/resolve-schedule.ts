/** From a checked schedule of the file to the model. */
import type { Mode } from '../core/model.ts';
import { SCHEDULE_DEFAULTS as defaults } from './defaults.ts';
import { type DocNode, flagOf, itemsOf, member, membersOf, numberOf, textOf, textsOf } from './document.ts';
import type { CleanupKind, ScheduleAction, ScheduleConfig, ScheduleRule } from './model.ts';

/** `node` has no errors. */
export function resolveSchedule(name: string, node: DocNode): ScheduleConfig {
  return {
    name,
    description: text(node, 'description', defaults.description),
    rule: resolveRule(text(node, 'schedule_type').toUpperCase(), member(node, 'schedule_config')),
    action: resolveAction(text(node, 'action_type').toUpperCase(), member(node, 'action_config')),
    zone: textOrNull(node, 'zone'),
    enabled: flagOf(member(node, 'enabled')) ?? defaults.enabled,
    misfire: (textOf(member(node, 'misfire')) as ScheduleConfig['misfire'] | undefined) ?? defaults.misfire,
    graceSeconds: number(node, 'grace_seconds', defaults.graceSeconds),
    overlap: (textOf(member(node, 'overlap')) as ScheduleConfig['overlap'] | undefined) ?? defaults.overlap,
    maxRuns: number(node, 'max_runs', defaults.maxRuns),
    startAt: textOrNull(node, 'start_at'),
    endAt: textOrNull(node, 'end_at'),
    jitterSeconds: number(node, 'jitter_seconds', defaults.jitterSeconds),
  };
}

function resolveRule(type: string, config: DocNode | undefined): ScheduleRule {
  const time = text(config, 'time');
  switch (type) {
    case 'ONCE':
      return { type, datetime: text(config, 'datetime') };
    case 'INTERVAL': {
      const unit = text(config, 'unit') as 'seconds' | 'minutes' | 'hours' | 'days';
      return {
        type,
        interval: number(config, 'interval', 1),
        unit,
        from: text(config, 'from') === 'last' ? 'last' : 'grid',
      };
    }
    case 'DAILY':
      return { type, time };
    case 'WEEKLY': {
      const day = member(config, 'day_of_week');
      const single = numberOf(day);
      const days = single !== undefined ? [single] : itemsOf(day).flatMap((item) => numberOf(item) ?? []);
      return { type, daysOfWeek: [...new Set(days)].sort((a, b) => a - b), time };
    }
    case 'MONTHLY':
      return { type, dayOfMonth: number(config, 'day_of_month', 1), time };
    case 'YEARLY':
      return { type, month: number(config, 'month', 1), day: number(config, 'day', 1), time };
    default:
      return { type: 'CRON', cron: text(config, 'cron') };
  }
}

const ALL_KINDS: readonly CleanupKind[] = ['logs', 'dead_letters', 'runs', 'backups'];

function resolveAction(type: string, config: DocNode | undefined): ScheduleAction {
  switch (type) {
    case 'SYNC': {
      const mode: Mode = text(config, 'mode') === 'manual' ? 'manual' : 'auto';
      return { type, task: text(config, 'task'), mode, units: textsOf(member(config, 'units')) ?? null };
    }
    case 'BACKUP':
      return {
        type,
        task: text(config, 'task'),
        connection: text(config, 'connection'),
        kind: text(config, 'kind') === 'incremental' ? 'incremental' : 'full',
        column: textOrNull(config, 'column'),
        keepCount: numberOf(member(member(config, 'keep'), 'count')) ?? null,
        keepDays: numberOf(member(member(config, 'keep'), 'days')) ?? null,
      };
    case 'RECOVERY': {
      const target = text(config, 'target');
      return { type, connection: text(config, 'connection'), backup: text(config, 'backup', 'latest'), target };
    }
    case 'CLEANUP': {
      const what = (textsOf(member(config, 'what')) as CleanupKind[] | undefined) ?? ALL_KINDS;
      return { type, retentionDays: number(config, 'retention_days', 1), what };
    }
    case 'HEALTH_CHECK':
      return { type, connections: textsOf(member(config, 'connections')) ?? null };
    case 'RETENTION_CHECK':
      return { type, retentionDays: number(config, 'retention_days', 1) };
    default:
      return { type: 'CUSTOM', run: resolveCustom(config), timeoutSeconds: number(config, 'timeout_seconds', 300) };
  }
}

function resolveCustom(config: DocNode | undefined): (ScheduleAction & { type: 'CUSTOM' })['run'] {
  const command = textOf(member(config, 'command'));
  if (command !== undefined) return { kind: 'command', command };
  const shell = textOf(member(config, 'shell'));
  if (shell !== undefined) return { kind: 'shell', shell };
  const http = member(config, 'http');
  const headers = [...membersOf(member(http, 'headers'))].map(([name, value]): [string, string] => [
    name,
    textOf(value) ?? '',
  ]);
  return {
    kind: 'http',
    method: text(http, 'method', 'GET'),
    url: text(http, 'url'),
    headers: new Map(headers),
    body: textOf(member(http, 'body')) ?? null,
  };
}

function text(node: DocNode | undefined, name: string, byDefault = ''): string {
  return textOf(member(node, name)) ?? byDefault;
}

function textOrNull(node: DocNode | undefined, name: string): string | null {
  return text(node, name) || null;
}

function number(node: DocNode | undefined, name: string, byDefault: number): number {
  return numberOf(member(node, name)) ?? byDefault;
}
