/** What the schema cannot say about schedules: names, zones, cron fields, days that exist. */
import { checkUrl } from './check-connections.ts';
import { checkKnown } from './check-tasks.ts';
import { type DocNode, itemsOf, member, membersOf, numberOf, type Reporter, textOf } from './document.ts';

export function checkSchedules(root: DocNode, reporter: Reporter): void {
  const connections = membersOf(member(root, 'connections'));
  const tasks = membersOf(member(root, 'tasks'));
  for (const schedule of membersOf(member(root, 'schedules')).values()) {
    checkZone(member(schedule, 'zone'), reporter);
    checkRule(schedule, reporter);
    const action = member(schedule, 'action_config');
    checkKnown(member(action, 'task'), tasks, 'task', reporter);
    checkKnown(member(action, 'connection'), connections, 'connection', reporter);
    if (textOf(member(schedule, 'action_type'))?.toUpperCase() === 'RECOVERY') {
      checkKnown(member(action, 'target'), connections, 'connection', reporter);
    }
    for (const item of itemsOf(member(action, 'connections'))) checkKnown(item, connections, 'connection', reporter);
    if (textOf(member(schedule, 'action_type'))?.toUpperCase() === 'CUSTOM') checkCustom(action, reporter);
  }
}

function checkZone(node: DocNode | undefined, reporter: Reporter): void {
  const zone = textOf(node);
  if (node === undefined || zone === undefined || zone === '') return;
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    reporter.error(node, node.path, { code: 'schedule.unknownZone', args: { zone } });
  }
}

function checkRule(schedule: DocNode, reporter: Reporter): void {
  const rule = member(schedule, 'schedule_config');
  const datetimes = [member(rule, 'datetime'), member(schedule, 'start_at'), member(schedule, 'end_at')];
  for (const node of datetimes) {
    const text = textOf(node);
    if (node !== undefined && text !== undefined && text !== '' && !dateExists(text)) {
      reporter.error(node, node.path, { code: 'schedule.noSuchDate', args: { value: text } });
    }
  }
  const cron = member(rule, 'cron');
  const fields = textOf(cron)?.trim().split(/\s+/).length;
  if (cron !== undefined && fields !== undefined && fields !== 5 && fields !== 6) {
    reporter.error(cron, cron.path, { code: 'schedule.cronFields', args: { count: fields } });
  }
  const day = member(rule, 'day');
  const month = numberOf(member(rule, 'month'));
  const number = numberOf(day);
  if (day !== undefined && number !== undefined && month !== undefined && month >= 1 && month <= 12) {
    const last = daysIn(2024, month);
    if (number > last) reporter.error(day, day.path, { code: 'schedule.noSuchDay', args: { day: number, month } });
  }
}

/** Days of a month; 2024 has a 29 February. */
function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function dateExists(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (match === null) return true; // its shape has been complained about already
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

function checkCustom(action: DocNode | undefined, reporter: Reporter): void {
  if (action === undefined || action.value.kind !== 'object') return;
  const ways = ['command', 'shell', 'http'].filter((name) => member(action, name) !== undefined);
  if (ways.length !== 1)
    reporter.error(action.key ?? action, action.path, { code: 'schedule.oneCustomAction', args: {} });
  const url = member(member(action, 'http'), 'url');
  if (url !== undefined) checkUrl(url, reporter);
}
