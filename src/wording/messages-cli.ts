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
  'cli.againOrRejected': [
    'Options --again and --rejected exclude each other: all rows are copied anew, or only the rejected ones.',
    '选项 --again 与 --rejected 互斥：要么重新复制所有行，要么只复制被拒绝的行。',
  ],
  'cli.optionTwice': ['Option {option} is given twice.', '选项 {option} 给出了两次。'],
  'cli.noValue': ['Option {option} needs a value.', '选项 {option} 需要一个值。'],
  'cli.valueNotExpected': ['Option {option} takes no value.', '选项 {option} 不接受值。'],
  'cli.badNumber': [
    '{option} must be a whole number from {least} to {most}, not {value}.',
    '{option} 必须是 {least} 到 {most} 的整数，而不是 {value}。',
  ],
  'cli.badDecimal': [
    '{option} must be a number from {least} to {most}, not {value}.',
    '{option} 必须是 {least} 到 {most} 之间的数，而不是 {value}。',
  ],
  'cli.badChoice': [
    '{option} takes one of {choices}, not {value}.',
    '{option} 只能取 {choices} 之一，而不是 {value}。',
  ],
  'cli.modeMissing': ['Which mode? datatrace mode TASK auto|manual', '哪种模式？datatrace mode TASK auto|manual'],
  'cli.unitsMissing': [
    'Which units? datatrace {command} UNIT.., or --all, or --status failed,paused',
    '哪些单元？datatrace {command} UNIT..，或 --all，或 --status failed,paused',
  ],
  'cli.allOrWords': ['Name units or say --all, not both.', '请列出单元名称或使用 --all，不能同时使用。'],
  'cli.queueAction': [
    'The queue can be changed by add, remove, move and clear, not by {value}.',
    '队列可用 add、remove、move、clear 更改，而不是 {value}。',
  ],
  'cli.whereTo': [
    'Move them where? --top, --bottom, --up, --down, --before UNIT or --position N',
    '移动到哪里？--top、--bottom、--up、--down、--before UNIT 或 --position N',
  ],
  'cli.onePlace': [
    'Only one place can be given: --top, --bottom, --up, --down, --before or --position.',
    '只能给出一个位置：--top、--bottom、--up、--down、--before 或 --position。',
  ],
  'cli.settingMissing': [
    'Which setting? datatrace set TASK NAME=VALUE, for example concurrency=4',
    '哪项设置？datatrace set TASK NAME=VALUE，例如 concurrency=4',
  ],
  'cli.unknownSetting': [
    'There is no setting {setting} that changes while a task runs. There are: {settings}.',
    '没有可在任务运行时更改的设置 {setting}。可用：{settings}。',
  ],
  'cli.unknownSettingNearest': [
    'There is no setting {setting} that changes while a task runs: did you mean {nearest}?',
    '没有可在任务运行时更改的设置 {setting}：是否想用 {nearest}？',
  ],
  'cli.taskMissing': ['Which task? datatrace {command} TASK', '哪个任务？datatrace {command} TASK'],
  'cli.unknownTask': ['There is no task "{task}". There are: {tasks}.', '没有任务“{task}”。可用：{tasks}。'],
  'cli.tooManyWords': ['"{word}" is one word too many.', '“{word}”是多余的。'],
  'cli.confirmProduction': [
    'Connection {connection} is a production target: add --confirm-production {connection}.',
    '连接 {connection} 是生产环境目标：请添加 --confirm-production {connection}。',
  ],
  'cli.completedUnits': [
    'Completed units run only with --again: {units} ({count}).',
    '已完成的单元只能用 --again 重新运行：{units}（{count} 个）。',
  ],
  'cli.confirmOutside': [
    'Connection {connection} uses {path}, which is outside the folder of the configuration: allow it with --allow-outside.',
    '连接 {connection} 使用了配置文件夹之外的 {path}：请用 --allow-outside 允许。',
  ],
  // Units by their names
  'cli.unknownUnit': ['The task has no unit "{unit}".', '该任务没有单元“{unit}”。'],
  'cli.unknownUnitNearest': [
    'The task has no unit "{unit}": did you mean "{nearest}"?',
    '该任务没有单元“{unit}”：是否想用“{nearest}”？',
  ],
  'cli.unitTwice': ['Unit "{unit}" is named twice.', '单元“{unit}”给出了两次。'],
  'cli.noUnitFits': ['None of these units is in a state for that.', '这些单元的状态均不适用此操作。'],
  'cli.moreProblems': ['and {count} more', '另有 {count} 个'],
  // Control
  'cli.stands': ['{task}: {state}, {mode}', '任务 {task}：{state}，{mode}'],
  'cli.mode.auto': ['auto mode', '自动模式'],
  'cli.mode.manual': ['manual mode', '手动模式'],
  'cli.ask.reset': [
    'Reset the progress of {task}? Every unit is pending again and begins from its beginning. [y/N]',
    '重置 {task} 的进度？所有单元将变为等待中并从头开始。[y/N]',
  ],
  'cli.ask.deleteData': [
    'Delete everything that is stored of {task}: progress, queue, runs? Its definition and its target stay. [y/N]',
    '删除 {task} 的全部存储数据（进度、队列、运行记录）？其定义和目标保持不变。[y/N]',
  ],
  'cli.needsYes': ['Nobody can be asked here: agree with --yes.', '此处无法询问：请用 --yes 表示同意。'],
  'cli.done.reset': ['The progress is reset: every unit is pending.', '进度已重置：所有单元为等待中。'],
  'cli.done.delete-data': ['What was stored of the task is deleted.', '任务的存储数据已删除。'],
  'cli.done.set': ['Set: {settings}', '已设置：{settings}'],
  'cli.nothingDone': ['Nothing was done.', '未做任何更改。'],
  'cli.notWaited': [
    'Not waited for: units that run still end at their next batch borders.',
    '不再等待：正在运行的单元仍会在下一个批次边界结束。',
  ],
  // The queue
  'cli.queue.head': [
    '{task}: {mode}, units in the queue: {count} (revision {rev})',
    '{task}：{mode}，队列中的单元：{count} 个（修订 {rev}）',
  ],
  'cli.queue.nothingFits': ['Nothing to do: no unit is in a state for that.', '无事可做：没有适用的单元。'],
  'cli.queue.nothingToAdd': [
    'Nothing to add: these units are queued, running or completed; --again adds completed ones.',
    '没有可添加的单元：它们已在队列中、正在运行或已完成；使用 --again 添加已完成的单元。',
  ],
  'cli.queue.notThere': ['Unit "{unit}" is not in the queue.', '单元“{unit}”不在队列中。'],
  // Runs
  'cli.runs.none': ['Task {task} has no run yet.', '任务 {task} 尚无运行记录。'],
  'cli.runs.unfinished': ['unfinished', '未结束'],
  'cli.runs.amount': ['{rows} {rows|row|rows} in {time}', '{rows} 行，用时 {time}'],
  'cli.runs.rejected': ['rejected rows: {rows}', '被拒绝的行：{rows}'],
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
  'cli.staysForOthers': [
    '{tasks} still run in this process for another command: it ends with them. Ctrl-C pauses them.',
    '{tasks} 仍在此进程中为其他命令运行：此进程将与其一同结束。按 Ctrl-C 可暂停它们。',
  ],
  'cli.outputLost': [
    'The output cannot be written ({reason}). The command goes on without it and ends with code 1.',
    '无法写入输出（{reason}）。命令将在没有输出的情况下继续，并以代码 1 结束。',
  ],
  'cli.leftRunning': [
    'No longer followed: the task goes on in the window or command that manages it.',
    '不再跟踪：任务在管理它的窗口或命令中继续运行。',
  ],
  'cli.maxRunningElsewhere': [
    '--max-running {limit} does not count: the window or command that manages the task has its own limit.',
    '--max-running {limit} 不起作用：管理该任务的窗口或命令有自己的上限。',
  ],
  'cli.waitsElsewhere': [
    'No longer followed: the task waits for units in its queue, in the window or command that manages it.',
    '不再跟踪：任务在管理它的窗口或命令中等待向队列添加单元。',
  ],
  'cli.nothingStarts': [
    'Nothing in the queue can start: the run is stopped and stays unfinished. Add units with "datatrace queue", or stay with --wait.',
    '队列中没有可启动的单元：运行已停止，保持未完成。请用“datatrace queue”添加单元，或用 --wait 等待。',
  ],
  'cli.switching': [
    'switching to {mode}: {units} {units|unit|units} still running',
    '正在切换到{mode}：仍有 {units} 个单元在运行',
  ],
  'cli.modeInForce': ['In force now: {mode}', '现已生效：{mode}'],
  'cli.runningManually': ['{state} by hand, {queued} in the queue', '手动{state}，队列中 {queued} 个'],
  'cli.morePlanWarnings': [
    'The plan warns of more ({count}): datatrace plan {task}',
    '计划另有 {count} 条警告：datatrace plan {task}',
  ],
  'cli.unitFailed': ['{unit} failed: {cause}', '{unit} 失败：{cause}'],
  'cli.unitsDone': [
    '{completed} of {units} {units|unit|units} completed, {failed} failed',
    '共 {units} 个单元，已完成 {completed} 个，失败 {failed} 个',
  ],
  'cli.rows': ['{done} / {total} {total|row|rows}', '{done} / {total} 行'],
  'cli.rate': ['{rows} {rows|row|rows}/s', '{rows} 行/秒'],
  'cli.timeLeft': ['{time} left', '剩余 {time}'],
  'cli.moreRunning': ['and {count} more running', '另有 {count} 个正在运行'],
  'cli.result.completed': [
    'Completed: {completed} {completed|unit|units}, {rows} {rows|row|rows} in {time}, {failed} failed.',
    '已完成：{completed} 个单元，{rows} 行，用时 {time}，失败 {failed} 个。',
  ],
  'cli.result.errors': [
    'Completed with errors: {completed} {completed|unit|units} completed, {failed} failed, {rows} {rows|row|rows} in {time}.',
    '完成但有错误：完成 {completed} 个单元，失败 {failed} 个，{rows} 行，用时 {time}。',
  ],
  'cli.result.rejected': [
    'Rejected rows: {rows}, kept in {file}. To write them again: datatrace run {task} --rejected',
    '被拒绝的行：{rows}，保存在 {file}。重新写入：datatrace run {task} --rejected',
  ],
  'cli.result.paused': [
    'Paused: {completed} {completed|unit|units} completed, {failed} failed, {left} left, {rows} {rows|row|rows} in {time}. Run the same command to go on.',
    '已暂停：完成 {completed} 个单元，失败 {failed} 个，剩余 {left} 个，{rows} 行，用时 {time}。再次运行同一命令即可继续。',
  ],
  'cli.result.stopped': [
    'Stopped: {completed} {completed|unit|units} completed, {failed} failed, {left} left, {rows} {rows|row|rows} in {time}. The run is unfinished: run the same command to go on.',
    '已停止：完成 {completed} 个单元，失败 {failed} 个，剩余 {left} 个，{rows} 行，用时 {time}。运行尚未结束：再次运行同一命令即可继续。',
  ],
  'cli.result.interrupted': [
    'Interrupted, its host ended: {completed} {completed|unit|units} completed, {failed} failed, {left} left, {rows} {rows|row|rows} in {time}. Run the same command to go on.',
    '宿主已结束，任务中断：完成 {completed} 个单元，失败 {failed} 个，剩余 {left} 个，{rows} 行，用时 {time}。再次运行同一命令即可继续。',
  ],
  'cli.result.refused': [
    'The run ended before its work: {completed} {completed|unit|units} completed, {failed} failed, {rows} {rows|row|rows} in {time}.',
    '运行提前结束：完成 {completed} 个单元，失败 {failed} 个，{rows} 行，用时 {time}。',
  ],
  // A plan
  'cli.plan.head.unit': ['Unit', '单元'],
  'cli.plan.head.target': ['target', '目标'],
  'cli.plan.head.rows': ['rows', '行数'],
  'cli.plan.head.key': ['key', '键'],
  'cli.plan.head.resume': ['resume', '续传'],
  'cli.plan.head.table': ['target table', '目标表'],
  'cli.plan.noKey': ['(one piece)', '（整体复制）'],
  'cli.plan.exists': ['exists', '已存在'],
  'cli.plan.created': ['will be created', '将创建'],
  'cli.plan.refused': ['Refused:', '拒绝：'],
  'cli.plan.summary': [
    '{units} {units|unit|units}, about {rows} {rows|row|rows}, {refused} refused.',
    '{units} 个单元，约 {rows} 行，拒绝 {refused} 个。',
  ],
  // Verification and status
  'cli.nodeTooOld': [
    'Node {version} is too old for this: Node 22.13 or newer, please.',
    'Node {version} 版本过低：请使用 Node 22.13 或更高版本。',
  ],
  'cli.verify.equal': [
    '{unit}: same count, {source} / {target} {target|row|rows}',
    '{unit}：行数一致，{source} / {target} 行',
  ],
  'cli.verify.equalValues': ['{unit}: same values in {source} {source|row|rows}', '{unit}：{source} 行的值一致'],
  'cli.verify.manyEqual': [
    '{units} {units|unit|units}: same count, {rows} {rows|row|rows}',
    '{units} 个单元：行数一致，共 {rows} 行',
  ],
  'cli.verify.manyEqualValues': [
    '{units} {units|unit|units}: same values in {rows} {rows|row|rows}',
    '{units} 个单元：{rows} 行的值一致',
  ],
  'cli.verify.row': ['{unit}: different. {cause}', '{unit}：不一致。{cause}'],
  'cli.verify.different': [
    '{unit}: different, {source} {source|row|rows} in the source, {target} in the target',
    '{unit}：不一致，源 {source} 行，目标 {target} 行',
  ],
  'cli.verify.summary': [
    'Both sides were compared. Equal: {equal}, different: {different}, failed: {failed}.',
    '已比较两侧。一致：{equal}，不一致：{different}，失败：{failed}。',
  ],
  'cli.status.counts': [
    'Total {units}, pending {pending}, running {running}, completed {completed}, failed {failed}, paused {paused}',
    '共 {units}，等待中 {pending}，运行中 {running}，已完成 {completed}，失败 {failed}，已暂停 {paused}',
  ],
  'cli.status.waitsForAdditions': ['waits for units: add some to the queue', '等待添加：请向队列添加单元'],
  'cli.status.queue': ['Queue ({count}): {units}', '队列（{count}）：{units}'],
  'cli.state.unknown': ['not known', '未知'],
  'cli.outcome.completed': ['completed', '已完成'],
  'cli.outcome.completed_with_errors': ['completed with errors', '完成但有错误'],
  'cli.outcome.stopped': ['given up', '已放弃'],
  'cli.outcome.failed': ['could not begin', '未能开始'],
  'cli.unit.pending': ['pending', '等待中'],
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
    'Problems of the configuration with file, line and column; warnings count.',
    '列出配置的问题及其文件、行和列，包括警告。',
  ],
  'cli.help.plan': ['What a run would do; changes nothing.', '显示运行会做什么；不做任何更改。'],
  'cli.help.run': [
    'Starts or resumes a task, here or in the window that manages it; Ctrl-C pauses it at batch borders, or stops following it there.',
    '启动或继续任务（在此处或管理它的窗口中）；按 Ctrl-C 在批次边界暂停，或停止跟踪。',
  ],
  'cli.help.verify': [
    'Compares source and target, by count or checksum as the task says; copies nothing.',
    '按任务的设置（行数或校验和）比较源与目标，不复制。',
  ],
  'cli.help.status': ['Tasks, units and their progress.', '任务、单元及其进度。'],
  'cli.help.queue': [
    'Shows the queue of a task, or changes it: names or globs in the order that is wanted, also while it runs.',
    '显示或更改任务的队列：按所需顺序给出名称或通配符，运行时也可更改。',
  ],
  'cli.help.mode': [
    'Auto: all units are scheduled. Manual: what stands in the queue. A running task first ends the units that run.',
    'auto：自动调度所有单元。manual：只运行队列中的单元。运行中的任务会先结束正在运行的单元。',
  ],
  'cli.help.pause': ['Pauses a task at batch borders and waits for it.', '在批次边界暂停任务并等待其完成。'],
  'cli.help.resume': ['Goes on with a paused or interrupted task.', '继续已暂停或已中断的任务。'],
  'cli.help.stop': [
    'Stops a task at batch borders; its run stays unfinished.',
    '在批次边界停止任务；其运行保持未完成。',
  ],
  'cli.help.retry': ['Runs failed units again, all of them or some.', '重新运行失败的单元（全部或部分）。'],
  'cli.help.abort': ['Ends running units by themselves; the others go on.', '单独结束正在运行的单元；其他单元继续。'],
  'cli.help.restart': ['Runs units from their beginning, before all others.', '从头运行单元，并优先于其他单元。'],
  'cli.help.set': [
    'Changes settings until they change in the file: concurrency, onError, limits.rowsPerSecond, limits.bytesPerSecond, retry.attempts ..',
    '更改设置，直到文件中的设置改变：concurrency、onError、limits.rowsPerSecond、limits.bytesPerSecond、retry.attempts 等。',
  ],
  'cli.help.reset': ['Makes every unit pending and forgets where it was.', '将所有单元设为等待中并清除其进度。'],
  'cli.help.delete-data': [
    'Deletes what is stored of a task: progress, queue, runs. Its target stays.',
    '删除任务的存储数据：进度、队列、运行记录。其目标保持不变。',
  ],
  'cli.help.runs': ['The last runs of a task.', '任务最近的运行记录。'],
  'cli.help.report': ['What happened in a run, as Markdown.', '以 Markdown 输出一次运行的报告。'],
  'cli.help.commands': ['datatrace --help lists the commands.', 'datatrace --help 列出所有命令。'],
  'cli.help.more': ['datatrace {command} --help explains it.', '详细说明：datatrace {command} --help'],
  'cli.help.option.again': ['completed units too, from their beginning', '包括已完成的单元，从头开始'],
  'cli.help.option.mode': ['for this run, instead of that of the file', '用于本次运行，代替文件中的设置'],
  'cli.help.option.rejected': [
    'only the rows that the target rejected, as they were read',
    '仅重新写入目标拒绝的行（按读取时的内容）',
  ],
  'cli.help.option.wait': [
    'stay when nothing in the manual queue can start, until units are added',
    '手动队列中没有可启动的单元时继续等待添加',
  ],
  'cli.help.option.concurrency': ['units of the task at a time', '该任务同时运行的单元数'],
  'cli.help.option.max-running': ['units of all tasks of this command at a time', '此命令所有任务同时运行的单元总数'],
  'cli.help.option.units': [
    "only these; * stands for any characters, !GLOB takes out again: --units 'log_*,!log_old'",
    "仅限这些单元；* 代表任意字符，!GLOB 表示排除：--units 'log_*,!log_old'",
  ],
  'cli.help.option.all': ['every unit that this can be done to', '所有适用的单元'],
  'cli.help.option.status': [
    'units in one of these: pending, running, completed, failed, paused',
    '处于这些状态之一的单元：pending、running、completed、failed、paused',
  ],
  'cli.help.option.position': ['1 is the head of the queue', '1 表示队列开头'],
  'cli.help.option.rev': [
    'refuse when the queue was edited since this revision, which "datatrace queue TASK" shows',
    '队列自此修订（见“datatrace queue TASK”）以来有更改时拒绝',
  ],
  'cli.help.option.confirm-production': [
    'the target connection, when it is marked as production',
    '标记为生产环境的目标连接的名称',
  ],
  'cli.help.option.allow-outside': [
    'database files outside the folder of the configuration',
    '允许配置文件夹之外的数据库文件',
  ],
  'cli.help.option.ignore-after': [
    'also when the tasks named by "after" have not completed',
    '即使“after”指定的任务尚未完成也执行',
  ],
  'cli.help.option.yes': ['do not ask', '不再询问'],
  'cli.help.option.limit': ['the newest N runs (default: 20)', '最近 N 次运行（默认 20）'],
  'cli.help.option.run': [
    'one that "datatrace runs TASK" lists (default: the last one)',
    '“datatrace runs TASK” 列出的运行（默认：最近一次）',
  ],
  'cli.help.option.config': [
    'the configuration (default: datatrace.json of this folder)',
    '配置文件（默认：当前文件夹的 datatrace.json）',
  ],
  'cli.help.option.store': [
    'where progress is kept (default: your data folder)',
    '进度的保存位置（默认：用户数据文件夹）',
  ],
  'cli.help.option.json': ['one JSON object a line', '每行一个 JSON 对象'],
  'cli.help.option.verbose': ['also what explains a failure', '同时输出有助于排查故障的信息'],
  'cli.help.exitCodes': [
    'Exit codes: 0 done or nothing to do, 1 unexpected, 2 refused, or validate found something, 3 completed with errors, or verify found differences, 4 paused or waiting for units, 130 ended at once or no longer followed.',
    '退出码：0 完成或无事可做，1 意外错误，2 被拒绝，或 validate 发现问题，3 完成但有错误，或 verify 发现不一致，4 已暂停或等待添加单元，130 立即结束或不再跟踪。',
  ],
} as const satisfies Messages;
