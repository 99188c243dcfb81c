import type { Messages } from './message.ts';

export const mysqlMessages = {
  // Connections
  'mysql.unreachable': [
    'Connection {connection}: nothing answers at {address} ({detail}). Check the address and that the server runs.',
    '连接 {connection}：{address} 没有响应（{detail}）。请检查地址以及服务器是否在运行。',
  ],
  'mysql.connectTimeout': [
    'Connection {connection}: {address} did not answer in time.',
    '连接 {connection}：{address} 未及时响应。',
  ],
  'mysql.tooManyConnections': [
    'Connection {connection}: the server takes no more connections. Lower the concurrency, or raise max_connections (or the limit of the user) on the server.',
    '连接 {connection}：服务器不再接受更多连接。请降低并发数，或在服务器上提高 max_connections（或该用户的上限）。',
  ],
  'mysql.accessDenied': [
    'Connection {connection}: the server refused user {user}. Check the user, the password, from where this account may connect, and whether it demands TLS or a client certificate.',
    '连接 {connection}：服务器拒绝了用户 {user}。请检查用户名、密码、该账户允许的来源，以及是否要求 TLS 或客户端证书。',
  ],
  'mysql.databaseDenied': [
    'Connection {connection}: user {user} has no rights on database {database}. Grant them, or name another database.',
    '连接 {connection}：用户 {user} 对数据库 {database} 没有权限。请授予权限，或改用其他数据库。',
  ],
  'mysql.hostRefused': [
    'Connection {connection}: the server takes no connections from this machine ({detail}). Allow its address for the account, or use FLUSH HOSTS when it is blocked.',
    '连接 {connection}：服务器不接受来自本机的连接（{detail}）。请为该账户允许本机地址；若已被阻止，请执行 FLUSH HOSTS。',
  ],
  'mysql.passwordExpired': [
    'Connection {connection}: the password of user {user} has expired. Set a new one on the server (ALTER USER), then here.',
    '连接 {connection}：用户 {user} 的密码已过期。请先在服务器上设置新密码（ALTER USER），再在此处更新。',
  ],
  'mysql.accountLocked': [
    'Connection {connection}: the account of user {user} is locked. Unlock it on the server (ALTER USER .. ACCOUNT UNLOCK).',
    '连接 {connection}：用户 {user} 的账户已锁定。请在服务器上解锁（ALTER USER .. ACCOUNT UNLOCK）。',
  ],
  'mysql.loginMethod': [
    'Connection {connection}: the server wants user {user} to log in by {method}, which is not known or would show the password. Use an account with caching_sha2_password, sha256_password or mysql_native_password. If it did not ask for this before, somebody may be in between.',
    '连接 {connection}：服务器要求用户 {user} 以 {method} 登录，该方式未知或会暴露密码。请使用 caching_sha2_password、sha256_password 或 mysql_native_password 的账户。如果以前没有这样要求，中间可能有人。',
  ],
  'mysql.serverKey': [
    'Connection {connection}: the key that the server sent for the password is not an RSA key of 2,048 to 8,192 bits. Nothing was encrypted with it. Use TLS.',
    '连接 {connection}：服务器为加密密码发送的密钥不是 2048 到 8192 位的 RSA 密钥，未用其加密任何内容。请使用 TLS。',
  ],
  'mysql.unknownDatabase': [
    'Connection {connection}: there is no database {database}. Create it, or correct "database".',
    '连接 {connection}：不存在数据库 {database}。请创建它，或更正“database”。',
  ],
  'mysql.noTls': [
    'Connection {connection}: one side demands TLS that the other does not offer. Set up TLS on the server or choose another "tls" mode.',
    '连接 {connection}：一方要求 TLS，而另一方不提供。请在服务器上配置 TLS，或选择其他“tls”模式。',
  ],
  'mysql.tlsFailed': [
    'Connection {connection}: the secure connection failed ({detail}). Check "tls" and "tlsCa".',
    '连接 {connection}：安全连接失败（{detail}）。请检查“tls”和“tlsCa”。',
  ],
  'mysql.tlsExpired': [
    'Connection {connection}: the certificate of the server, or of who issued it, has expired. Renew it on the server.',
    '连接 {connection}：服务器证书或其颁发者的证书已过期。请在服务器上更新证书。',
  ],
  'mysql.tlsNotYetValid': [
    'Connection {connection}: the certificate of the server is not valid yet. Compare the clocks of both machines.',
    '连接 {connection}：服务器证书尚未生效。请核对两台计算机的时钟。',
  ],
  'mysql.tlsOtherName': [
    'Connection {connection}: the certificate is not for {host}, it names {names}. Use one of these as "host", or "verify-ca".',
    '连接 {connection}：证书不属于 {host}，而是属于 {names}。请将其中之一用作“host”，或使用“verify-ca”。',
  ],
  'mysql.tlsUnknownAuthority': [
    'Connection {connection}: nobody who is trusted here vouches for the certificate of the server. Name the file of its authority in "tlsCa".',
    '连接 {connection}：服务器证书没有受信任的颁发者。请在“tlsCa”中指定其颁发机构的证书文件。',
  ],
  'mysql.tlsClientCertificate': [
    'Connection {connection}: the server does not accept our certificate, or misses one ({detail}). Check "tlsCert" and "tlsKey".',
    '连接 {connection}：服务器不接受我们的证书，或缺少证书（{detail}）。请检查“tlsCert”和“tlsKey”。',
  ],
  'mysql.tlsFiles': [
    'Connection {connection}: "tlsCa", "tlsCert" and "tlsKey" cannot be used ({detail}). Each is a PEM file, and the key belongs to the certificate.',
    '连接 {connection}：“tlsCa”、“tlsCert”和“tlsKey”无法使用（{detail}）。它们都应为 PEM 文件，且密钥须与证书匹配。',
  ],
  'mysql.tlsNeedsHostName': [
    'Connection {connection}: "verify-full" compares the certificate with a host name, and {host} is an address. Use the host name or "verify-ca".',
    '连接 {connection}：“verify-full”要将证书与主机名比较，而 {host} 是地址。请使用主机名或“verify-ca”。',
  ],
  'mysql.protocol': [
    'Connection {connection}: what answers at {address} does not follow the protocol of MySQL and MariaDB ({detail}). Is it something else?',
    '连接 {connection}：{address} 的应答不符合 MySQL 和 MariaDB 的协议（{detail}）。那里是否是其他服务？',
  ],
  'mysql.answerTooLarge': [
    'Connection {connection}: the server sent more than {megabytes} MB where so much cannot be. The connection was cut.',
    '连接 {connection}：服务器发送了超过 {megabytes} MB 的不应有的数据。连接已切断。',
  ],
  'mysql.fileAsked': [
    'Connection {connection}: the server at {address} asked for the file {file} of this machine. Nothing was sent, and the connection was cut. Find out who runs that server.',
    '连接 {connection}：{address} 的服务器索取本机文件 {file}。未发送任何内容，连接已切断。请查明该服务器由谁运行。',
  ],
  'mysql.connectionLost': ['Connection {connection}: the connection was lost.', '连接 {connection}：连接已断开。'],
  'mysql.queryTimeout': [
    'Connection {connection}: the server did not answer in time.',
    '连接 {connection}：服务器未及时应答。',
  ],
  'mysql.initConnect': [
    'Connection {connection}: what the server runs for each new connection (init_connect) fails for user {user}, and it ended the connection: {detail}. Have it corrected on the server.',
    '连接 {connection}：服务器为每个新连接执行的语句（init_connect）对用户 {user} 失败，连接已被结束：{detail}。请在服务器上更正。',
  ],
  'mysql.stopped': ['Connection {connection}: reading was stopped.', '连接 {connection}：读取已停止。'],

  // Statements
  'mysql.permission': [
    'Connection {connection}: a right is missing ({detail}).',
    '连接 {connection}：缺少权限（{detail}）。',
  ],
  'mysql.deadlock': [
    'Connection {connection}: the server ended a deadlock with another transaction.',
    '连接 {connection}：服务器中止了与另一事务的死锁。',
  ],
  'mysql.lockWait': [
    'Connection {connection}: another transaction holds a lock for too long.',
    '连接 {connection}：另一事务持有锁的时间过长。',
  ],
  'mysql.readOnly': ['Connection {connection}: the server is read-only.', '连接 {connection}：服务器为只读。'],
  'mysql.enforcedEngine': [
    'Connection {connection}: the server takes tables of one storage engine only (enforce_storage_engine), and this one has another: {detail}. Make the table there by hand, or have that setting changed.',
    '连接 {connection}：服务器只接受一种存储引擎的表（enforce_storage_engine），而此表使用其他引擎：{detail}。请在那里手动创建该表，或更改该设置。',
  ],
  'mysql.diskFull': [
    'Connection {connection}: the server has no room left ({detail}).',
    '连接 {connection}：服务器空间不足（{detail}）。',
  ],
  'mysql.unitMissing': ['There is no table {unit} any more.', '表 {unit} 不存在。'],
  'mysql.definitionUnread': [
    'What the server gives as the definition of a table is none that can be read: {detail}',
    '服务器给出的表定义无法读取：{detail}',
  ],
  'mysql.definitionTooLong': [
    'The definition of {unit} is longer than 2 MB. Such a table cannot be copied.',
    '{unit} 的定义超过 2 MB，无法复制这样的表。',
  ],
  'mysql.schemaChanged': ['Table {unit} was changed during the copy: {change}', '表 {unit} 在复制期间被更改：{change}'],
  'mysql.notNow': [
    'Connection {connection}: the server cannot do this now (error {number}): {detail}',
    '连接 {connection}：服务器暂时无法执行（错误 {number}）：{detail}',
  ],
  'mysql.statementFailed': [
    'Connection {connection}: the server answered with error {number}: {detail}',
    '连接 {connection}：服务器返回错误 {number}：{detail}',
  ],
  'mysql.badWhere': [
    'The condition for {unit} ("where") is not understood by the server: {detail}',
    '服务器无法理解 {unit} 的条件（“where”）：{detail}',
  ],
  'mysql.indexesFailed': [
    'The rows of {table} are complete, but its secondary indexes could not be added: {detail}. Retry adds what is missing.',
    '{table} 的行已完整，但无法添加其二级索引：{detail}。重试会补上缺少的部分。',
  ],
  'mysql.indexOtherwise': [
    'The rows of {table} are complete, but its index {index} was made otherwise meanwhile: it is {present}, and the source has {wanted}. Drop it or give it another name; Retry adds what is missing.',
    '{table} 的行已完整，但其索引 {index} 在此期间被以其他方式创建：现为 {present}，而源为 {wanted}。请删除或重命名它；重试会补上缺少的部分。',
  ],
  'mysql.createFailed': ['Table {table} could not be created: {detail}', '无法创建表 {table}：{detail}'],

  // Rows
  'mysql.duplicate': [
    'Table {table} already holds such a row: {detail}. Use "write": "upsert" to overwrite it.',
    '表 {table} 已有这样的行：{detail}。要覆盖请使用 "write": "upsert"。',
  ],
  'mysql.duplicateOther': [
    'Another row of {table} holds a value that must be unique: {detail}. Nothing was overwritten: remove that row first.',
    '{table} 的另一行占用了必须唯一的值：{detail}。未覆盖任何内容：请先删除该行。',
  ],
  'mysql.warning': [
    'The server would have changed a value of {table}: {detail}. Nothing of the batch was kept.',
    '服务器会更改 {table} 的值：{detail}。该批次未保留任何内容。',
  ],
  'mysql.rowTooLarge': [
    'The row {key} of {table} has {bytes} bytes, and the server takes {limit} (max_allowed_packet).',
    '{table} 的行 {key} 有 {bytes} 字节，而服务器只接受 {limit}（max_allowed_packet）。',
  ],
  'mysql.packetTooLarge': [
    'The server took rows of {table} from {key} on for too much at a time: {detail}. Its max_allowed_packet was made smaller since the copy began, or something in between allows less: raise it, or lower "batchBytes".',
    '服务器认为 {table} 自 {key} 起的行一次过大：{detail}。其 max_allowed_packet 在复制开始后被调小，或中间环节允许的更小：请调大，或降低“batchBytes”。',
  ],
  'mysql.unacknowledged': [
    'The server acknowledged {acknowledged} of {sent} {sent|row|rows} for {table}.',
    '服务器对 {table} 只确认了 {sent} 行中的 {acknowledged} 行。',
  ],
  'mysql.unexpectedValue': [
    'The server sent a value for column {column} that its type cannot have.',
    '服务器为列 {column} 发送了其类型不可能有的值。',
  ],
  'mysql.noRowSum': [
    'A row of {table} is too large for a checksum by the server. Use "verify": "count" for it.',
    '{table} 有一行过大，服务器无法计算校验和。请对其使用 "verify": "count"。',
  ],
  'mysql.badName': ['"{name}" cannot be a name in MySQL.', '“{name}”不能作为 MySQL 中的名称。'],
  'mysql.badCursor': [
    'The checkpoint does not fit the key of the table. Reset the progress of this unit.',
    '检查点与表的键不符。请重置该单元的进度。',
  ],
  'mysql.badFormat': [
    'MySQL connections cannot exchange values in the form "{format}" yet.',
    'MySQL 连接尚不能以“{format}”形式交换数据。',
  ],
  'mysql.badRow': [
    'The server sent a row that does not follow the protocol. Is there something else than MySQL or MariaDB at this address?',
    '服务器发送的行不符合协议。该地址上是否不是 MySQL 或 MariaDB？',
  ],

  // Plan
  'mysql.plan.keyUnusable': [
    'The key ({key}) of {unit} cannot order pages: its column {column} is of type {type}.',
    '{unit} 的键（{key}）不能用于分页排序：其列 {column} 的类型为 {type}。',
  ],
  'mysql.plan.keyNullable': [
    'The key ({key}) of {unit} cannot order pages: its column {column} takes NULL.',
    '{unit} 的键（{key}）不能用于分页排序：其列 {column} 允许 NULL。',
  ],
  'mysql.plan.keyNotCopied': [
    'The key ({key}) of {unit} cannot order pages: its column {column} is not copied.',
    '{unit} 的键（{key}）不能用于分页排序：其列 {column} 不复制。',
  ],
  'mysql.plan.keyWithoutOrder': [
    'The key ({key}) of {unit} cannot order pages: it is hidden, of a part of a text or of an expression, or its index has no order.',
    '{unit} 的键（{key}）不能用于分页排序：它不可见、只含文本的一部分或表达式，或其索引没有顺序。',
  ],
  'mysql.plan.keyUnknown': ['{unit} has no unique key on ({key}).', '{unit} 没有基于（{key}）的唯一键。'],
  'mysql.plan.noSuchColumn': [
    '{unit} has no column {column}, which "columns" names. Check its spelling; upper and lower case are told apart.',
    '{unit} 没有“columns”中指定的列 {column}。请检查拼写（区分大小写）。',
  ],
  'mysql.plan.noColumns': ['No column of {unit} is to be copied.', '{unit} 没有要复制的列。'],
  'mysql.plan.columnType': [
    'Column {column} of {unit} has type {type}, which cannot be copied exactly.',
    '{unit} 的列 {column} 类型为 {type}，无法精确复制。',
  ],
  'mysql.plan.jsonText': [
    'JSON column {column} of {unit} is carried as text: decimals and dates inside become numbers and strings.',
    '{unit} 的 JSON 列 {column} 以文本传输：其中的小数和日期会变为数字和字符串。',
  ],
  'mysql.plan.engine': [
    '{unit} is kept by the storage engine {engine}, which holds no rows of its own.',
    '{unit} 使用存储引擎 {engine}，该引擎自身不保存行。',
  ],
  'mysql.plan.snapshotEngine': [
    'Table {unit} cannot be read from a snapshot: its engine {engine} has none.',
    '表 {unit} 无法从快照读取：其引擎 {engine} 不支持快照。',
  ],
  'mysql.plan.notTransactional': [
    '{unit} is kept by {engine}, which knows no transactions: an interrupted batch may be there in part until it is repeated, and no row can be set aside.',
    '{unit} 使用不支持事务的 {engine}：中断的批次在重复之前可能只写入了一部分，且无法单独保留被拒绝的行。',
  ],
  'mysql.plan.systemVersioned': [
    '{unit} keeps its history (system versioning), which cannot be copied.',
    '{unit} 保存历史版本（系统版本控制），无法复制。',
  ],
  'mysql.plan.triggersLeftOut': [
    'Triggers of {unit} are not copied: {triggers}.',
    '{unit} 的触发器不会被复制：{triggers}。',
  ],
  'mysql.plan.foreignKeysLeftOut': [
    'Foreign keys of {unit} are left out ({count}): they would point at the wrong tables.',
    '{unit} 的 {count} 个外键被略去：它们会指向错误的表。',
  ],
  'mysql.plan.generatedDiffers': [
    'Generated columns of {table} are computed otherwise than in the source: {columns}.',
    '{table} 的生成列的计算方式与源不同：{columns}。',
  ],
  'mysql.plan.keysLeftOut': [
    'With columns of {unit} left out, these are left out, too: {keys}.',
    '由于 {unit} 的部分列不复制，以下内容也被略去：{keys}。',
  ],
  'mysql.plan.sequenceLeftOut': [
    'Columns {columns} of {unit} take their default from a sequence. Sequences are not copied: the values are, the default is left out.',
    '{unit} 的列 {columns} 的默认值取自序列。序列不会被复制：值会复制，默认值被略去。',
  ],
  'mysql.plan.columnNeeded': [
    'Column {column} of {unit} is left out, but {part} needs it. Copy it, or make the table in the target by hand.',
    '{unit} 的列 {column} 不复制，但 {part} 需要它。请复制该列，或在目标中手动创建表。',
  ],
  'mysql.plan.indexesAfter': [
    'Indexes of {table} are added after the data: {keys}.',
    '{table} 的索引将在数据之后添加：{keys}。',
  ],
  'mysql.plan.nameNotAllowed': [
    '{unit} cannot be called {table} in the target: names have 1 to 64 characters, none of them an emoji or the like, and do not end with a space.',
    '{unit} 在目标中不能名为 {table}：名称须为 1 到 64 个字符，不含表情符号等字符，且不以空格结尾。',
  ],
  'mysql.plan.checkpointTarget': [
    '{unit} cannot be called {table} in the target: checkpoints of copies are kept in a table of that name. Choose another "as", "prefix" or "suffix".',
    '{unit} 在目标中不能名为 {table}：复制的检查点保存在该名称的表中。请更改“as”、“prefix”或“suffix”。',
  ],
  'mysql.plan.checkpointTable': [
    'Table {unit} keeps checkpoints of copies into this source: it is not copied.',
    '表 {unit} 保存复制到此源中的检查点，因此不会复制。',
  ],
  'mysql.plan.directoryLeftOut': [
    '{unit} names a folder of the source machine, which is left out.',
    '{unit} 指定了源计算机上的文件夹，该设置被略去。',
  ],
  'mysql.plan.viewNeedsTable': [
    '{unit} is a view: make the table {table} in the target first.',
    '{unit} 是视图：请先在目标中创建表 {table}。',
  ],
  'mysql.plan.otherEngine': [
    '{unit} comes from {engine}: copying into MySQL table {table} is not possible yet.',
    '{unit} 来自 {engine}：尚不能复制到 MySQL 表 {table}。',
  ],
  'mysql.plan.targetMissing': [
    'There is no table {table} in the target, and "createTarget" is "never".',
    '目标中没有表 {table}，且“createTarget”为“never”。',
  ],
  'mysql.plan.targetIsSource': ['{table} is the source {unit} itself.', '{table} 就是源 {unit} 本身。'],
  'mysql.plan.targetIsView': ['{table} is a view in the target.', '{table} 在目标中是视图。'],
  'mysql.plan.targetTriggers': [
    'Triggers of {table} could change the copied values: {triggers}. Drop them first.',
    '{table} 的触发器可能更改复制的值：{triggers}。请先删除。',
  ],
  'mysql.plan.triggersMeanwhile': [
    'Triggers of {table} were made while it was copied, and may have changed its rows: {triggers}. Drop them, then retry: the unit is copied from its beginning.',
    '{table} 的触发器是在复制期间创建的，可能已更改其行：{triggers}。请删除它们后重试：该单元将从头复制。',
  ],
  'mysql.plan.targetKey': [
    '{table} has no unique key on ({key}): rows could not be overwritten.',
    '{table} 没有基于（{key}）的唯一键：无法覆盖行。',
  ],
  'mysql.plan.columnMissing': ['{table} has no column {column}.', '{table} 没有列 {column}。'],
  'mysql.plan.columnDiffers': [
    'Column {column} of {table} is {target}; the source has {source}.',
    '{table} 的列 {column} 为 {target}；源为 {source}。',
  ],
  'mysql.plan.columnNeedsValue': [
    'Column {column} of {table} is not in the source and needs a value.',
    '{table} 的列 {column} 不在源中，且必须有值。',
  ],
  'mysql.plan.otherUnique': [
    '{table} has another unique key ({key}): a row that collides on it stops the copy instead of being overwritten.',
    '{table} 还有另一个唯一键（{key}）：与之冲突的行会使复制停止，而不会被覆盖。',
  ],
  'mysql.plan.typeElsewhere': [
    'Column {column} of {unit} has type {type}, which {server} cannot hold exactly.',
    '{unit} 的列 {column} 类型为 {type}，{server} 无法精确保存。',
  ],
  'mysql.plan.collationElsewhere': [
    'Column {column} of {unit} has collation {collation}, and {server} has none that comes near. Change the collation of the column in the source, or leave the column out.',
    '{unit} 的列 {column} 使用排序规则 {collation}，而 {server} 没有相近的规则。请在源中更改该列的排序规则，或不复制该列。',
  ],
  'mysql.plan.tableCollation': [
    '{unit} has the default collation {collation}, and {server} has none that comes near. Change it in the source.',
    '{unit} 的默认排序规则为 {collation}，而 {server} 没有相近的规则。请在源中更改。',
  ],
  'mysql.plan.keyCollation': [
    'The key of {unit} has another order in the target (column {column}: {source} → {target}): it cannot be verified by checksum. Use "verify": "count".',
    '{unit} 的键在目标中的顺序不同（列 {column}：{source} → {target}）：无法用校验和验证。请使用 "verify": "count"。',
  ],
  'mysql.plan.floatSums': [
    '{server} writes FLOAT and DOUBLE in sums otherwise than the source: {unit} cannot be verified by checksum ({columns}). Use "verify": "count".',
    '{server} 在求和时书写 FLOAT 和 DOUBLE 的方式与源不同：{unit} 无法用校验和验证（{columns}）。请使用 "verify": "count"。',
  ],
  'mysql.plan.collationMapped': [
    '{unit} is compared and sorted a little otherwise in the target ({change}), the values are the same. Columns: {columns}. A row that collides on a unique key there stops the copy.',
    '{unit} 在目标中的比较与排序略有不同（{change}），值保持不变。列：{columns}。在目标中与唯一键冲突的行会使复制停止。',
  ],
  'mysql.plan.definitionChanged': [
    'The definition of {unit} is changed for {server}: {changes}.',
    '{unit} 的定义为适应 {server} 而更改：{changes}。',
  ],
  'mysql.plan.generatedElsewhere': [
    'Generated columns of {unit} are worked out by {server} itself: {columns}.',
    '{unit} 的生成列由 {server} 自行计算：{columns}。',
  ],
  'mysql.plan.expressionElsewhere': [
    'The definition of {unit} holds what {server} may not know or may understand otherwise: {part}. Make the table {unit} in the target by hand.',
    '{unit} 的定义包含 {server} 可能不认识或有不同理解的内容：{part}。请在目标中手动创建表 {unit}。',
  ],
  'mysql.plan.timestampRange': [
    'Column {column} of {unit} can hold times after 2038-01-19, which {server} does not take: such a row stops the copy.',
    '{unit} 的列 {column} 可以保存 2038-01-19 之后的时间，而 {server} 不接受：这样的行会使复制停止。',
  ],
  'mysql.plan.minusZero': [
    '{server} knows no negative zero: -0 in {columns} of {unit} becomes 0, which is equal to it.',
    '{server} 没有负零：{unit} 的 {columns} 中的 -0 会变为与其相等的 0。',
  ],
  'mysql.plan.charsetElsewhere': [
    'Column {column} of {unit} holds text in {charset}, which only MySQL and MariaDB can read exactly. Leave it out with "columns", or change it to utf8mb4.',
    '{unit} 的列 {column} 使用字符集 {charset}，只有 MySQL 和 MariaDB 能精确读取。请用 "columns" 排除它，或改为 utf8mb4。',
  ],
  'mysql.plan.nameElsewhere': [
    'Column {column} of {unit} cannot be called so in MySQL: names have 1 to 64 characters, do not end with a space, and differ by more than case.',
    '{unit} 的列 {column} 在 MySQL 中不能使用该名称：名称须为 1 到 64 个字符，不以空格结尾，且不能仅大小写不同。',
  ],
  'mysql.plan.textOnly': [
    'Columns {columns} of {unit} do not say what they hold: only text is taken from them, any other value stops the copy.',
    '{unit} 的列 {columns} 未声明内容类型：只接受文本，其他值会使复制停止。',
  ],
  'mysql.valueElsewhere': [
    'Column {column} of {unit} is {type}, where a {found} value would be changed or cannot be held. Nothing of this batch was written.',
    '{unit} 的列 {column} 为 {type}，一个 {found} 值会被改变或无法存储。该批次未写入任何数据。',
  ],
  'mysql.plan.writesBulk': [
    'Rows are read as the server sends them and written by bulk execution, their values unread.',
    '行按服务器发送的原样读取，并以批量执行方式写入，不解析其值。',
  ],
  'mysql.plan.writesPrepared': [
    'Rows are read as the server sends them and written by prepared statements, their values unread.',
    '行按服务器发送的原样读取，并以预处理语句写入，不解析其值。',
  ],
  'mysql.plan.writesText': [
    'Rows are read as the server sends them and written as the text of statements.',
    '行按服务器发送的原样读取，并以语句文本写入。',
  ],
  'mysql.plan.writesValues': [
    'Rows are read value by value and written as the text of statements.',
    '行逐个值读取，并以语句文本写入。',
  ],
  'mysql.plan.willEmpty': ['{table} is emptied first.', '将先清空 {table}。'],
  'mysql.plan.willDrop': ['{table} is dropped and created again.', '将删除并重新创建 {table}。'],
} as const satisfies Messages;
