import type { Messages } from './message.ts';

export const cliMessages = {
  // Arguments
  'cli.unknownCommand': ['There is no command {command}.', '没有命令 {command}。'],
  'cli.unknownCommandNearest': [
    'There is no command {command}: did you mean {nearest}?',
    '没有命令 {command}：是否想用 {nearest}？',
  ],
  'cli.commandNotYet': ['Command {command} is not available in this version.', '此版本尚无命令 {command}。'],
  'cli.unknownOption': ['There is no option {option} here.', '此处没有选项 {option}。'],
  'cli.unknownOptionNearest': [
    'There is no option {option} here: did you mean {nearest}?',
    '此处没有选项 {option}：是否想用 {nearest}？',
  ],
  'cli.optionNotYet': ['Option {option} is not available in this version.', '此版本尚无选项 {option}。'],
  'cli.optionTwice': ['Option {option} is given twice.', '选项 {option} 给出了两次。'],
  'cli.noValue': ['Option {option} needs a value.', '选项 {option} 需要一个值。'],
  'cli.valueNotExpected': ['Option {option} takes no value.', '选项 {option} 不接受值。'],
  'cli.badNumber': [
    '{option} must be a whole number from {least} to {most}, not {value}.',
    '{option} 必须是 {least} 到 {most} 的整数，而不是 {value}。',
  ],
  'cli.badMode': ['--mode is auto or manual, not {value}.', '--mode 只能是 auto 或 manual，而不是 {value}。'],
  'cli.taskMissing': ['Which task? datatrace {command} TASK', '哪个任务？datatrace {command} TASK'],
  'cli.tooManyWords': ['"{word}" is one word too many.', '“{word}”是多余的。'],
  'cli.confirmProduction': [
    'Connection {connection} is a production target: add --confirm-production {connection}.',
    '连接 {connection} 是生产环境目标：请添加 --confirm-production {connection}。',
  ],
  'cli.confirmOutside': [
    'Connection {connection} uses {path}, which is outside the folder of the configuration: allow it with --allow-outside.',
    '连接 {connection} 使用了配置文件夹之外的 {path}：请用 --allow-outside 允许。',
  ],
  // Configuration
  'cli.severity.error': ['error', '错误'],
  'cli.severity.warning': ['warning', '警告'],
  'cli.problems': ['Errors: {errors}, warnings: {warnings}.', '错误：{errors}，警告：{warnings}。'],
  'cli.valid': [
    '{file} is valid: connections {connections}, tasks {tasks}.',
    '{file} 有效：连接 {connections} 个，任务 {tasks} 个。',
  ],
  // A run
  'cli.pausing': [
    'Pausing at the next batch borders; press Ctrl-C again to end at once.',
    '将在下一个批次边界暂停；再次按 Ctrl-C 立即结束。',
  ],
  'cli.unitFailed': ['{unit} failed: {cause}', '{unit} 失败：{cause}'],
  'cli.unitsDone': [
    '{completed} of {units} units completed, {failed} failed',
    '共 {units} 个单元，已完成 {completed} 个，失败 {failed} 个',
  ],
  'cli.rows': ['{done} / {total} rows', '{done} / {total} 行'],
  'cli.rate': ['{rows} rows/s', '{rows} 行/秒'],
  'cli.timeLeft': ['{time} left', '剩余 {time}'],
  'cli.moreRunning': ['and {count} more running', '另有 {count} 个正在运行'],
  'cli.result.completed': [
    'Completed: {completed} units, {rows} rows in {time}, {failed} failed.',
    '已完成：{completed} 个单元，{rows} 行，用时 {time}，失败 {failed} 个。',
  ],
  'cli.result.errors': [
    'Completed with errors: {completed} units completed, {failed} failed, {rows} rows in {time}.',
    '完成但有错误：完成 {completed} 个单元，失败 {failed} 个，{rows} 行，用时 {time}。',
  ],
  'cli.result.paused': [
    'Paused: {completed} units completed, {failed} failed, {left} left, {rows} rows in {time}. Run the same command to go on.',
    '已暂停：完成 {completed} 个单元，失败 {failed} 个，剩余 {left} 个，{rows} 行，用时 {time}。再次运行同一命令即可继续。',
  ],
  'cli.result.refused': [
    'The run ended before its work: {completed} units completed, {failed} failed, {rows} rows in {time}.',
    '运行提前结束：完成 {completed} 个单元，失败 {failed} 个，{rows} 行，用时 {time}。',
  ],
  // A plan
  'cli.plan.noKey': ['(one piece)', '（整体复制）'],
  'cli.plan.exists': ['exists', '已存在'],
  'cli.plan.created': ['will be created', '将创建'],
  'cli.plan.refused': ['Refused:', '拒绝：'],
  'cli.plan.summary': [
    '{units} units, about {rows} rows, {refused} refused.',
    '{units} 个单元，约 {rows} 行，拒绝 {refused} 个。',
  ],
  // Verification and status
  'cli.nodeTooOld': [
    'Node {version} is too old for this: Node 22.13 or newer, please.',
    'Node {version} 版本过低：请使用 Node 22.13 或更高版本。',
  ],
  'cli.verify.equal': ['{unit}: same count, {source} / {target} rows', '{unit}：行数一致，{source} / {target} 行'],
  'cli.verify.different': [
    '{unit}: different, {source} rows in the source, {target} in the target',
    '{unit}：不一致，源 {source} 行，目标 {target} 行',
  ],
  'cli.verify.summary': [
    'Rows were counted on both sides. Same count: {equal}, different: {different}, failed: {failed}.',
    '已统计两侧行数。行数一致：{equal}，不一致：{different}，失败：{failed}。',
  ],
  'cli.status.counts': [
    'Total {units}, pending {pending}, running {running}, completed {completed}, failed {failed}, paused {paused}',
    '共 {units}，待执行 {pending}，运行中 {running}，已完成 {completed}，失败 {failed}，已暂停 {paused}',
  ],
  'cli.state.idle': ['idle', '空闲'],
  'cli.state.planning': ['planning', '规划中'],
  'cli.state.running': ['running', '运行中'],
  'cli.state.pausing': ['pausing', '暂停中'],
  'cli.state.paused': ['paused', '已暂停'],
  'cli.state.stopping': ['stopping', '停止中'],
  'cli.state.interrupted': ['interrupted', '已中断'],
  'cli.outcome.completed': ['completed', '已完成'],
  'cli.outcome.completed_with_errors': ['completed with errors', '完成但有错误'],
  'cli.outcome.stopped': ['given up', '已放弃'],
  'cli.outcome.failed': ['could not begin', '未能开始'],
  'cli.unit.pending': ['pending', '待执行'],
  'cli.unit.running': ['running', '运行中'],
  'cli.unit.completed': ['completed', '已完成'],
  'cli.unit.failed': ['failed', '失败'],
  'cli.unit.paused': ['paused', '已暂停'],
  // Help
  'cli.help.about': [
    'datatrace copies tables between databases, durably: it goes on where it was.',
    'datatrace 在数据库之间持久地复制表：中断后可继续。',
  ],
  'cli.help.validate': [
    'Problems of the configuration with file, line and column.',
    '列出配置的问题及其文件、行和列。',
  ],
  'cli.help.plan': ['What a run would do; changes nothing.', '显示运行会做什么；不做任何更改。'],
  'cli.help.run': [
    'Starts or resumes a task; Ctrl-C pauses it at batch borders.',
    '启动或继续任务；按 Ctrl-C 在批次边界暂停。',
  ],
  'cli.help.verify': ['Counts the rows of source and target; copies nothing.', '统计源与目标的行数，不复制。'],
  'cli.help.status': ['Tasks, units and their progress.', '任务、单元及其进度。'],
  'cli.help.option.config': [
    '--config FILE   the configuration (default: datatrace.json of this folder)',
    '--config FILE   配置文件（默认：当前文件夹的 datatrace.json）',
  ],
  'cli.help.option.store': [
    '--store FOLDER  where progress is kept (default: your data folder)',
    '--store FOLDER  进度的保存位置（默认：用户数据文件夹）',
  ],
  'cli.help.option.json': ['--json          one JSON object a line', '--json          每行一个 JSON 对象'],
  'cli.help.option.verbose': [
    '--verbose       also what explains a failure',
    '--verbose       同时输出有助于排查故障的信息',
  ],
  'cli.help.exitCodes': [
    'Exit codes: 0 done or nothing to do, 1 unexpected, 2 refused, 3 completed with errors, 4 paused, 130 ended at once.',
    '退出码：0 完成或无事可做，1 意外错误，2 被拒绝，3 完成但有错误，4 已暂停，130 立即结束。',
  ],
} as const satisfies Messages;
