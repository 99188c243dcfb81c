import type { Messages } from './message.ts';

/** Elasticsearch and OpenSearch. */
export const elasticsearchMessages = {
  // Connections
  'elasticsearch.badAddress': [
    'Connection {connection}: address {number} of "url" is none. It begins with http:// or https:// and holds neither a user nor a password.',
    '连接 {connection}：“url”中的第 {number} 个地址无效。地址须以 http:// 或 https:// 开头，且不含用户名和密码。',
  ],
  'elasticsearch.badLogin': [
    'Connection {connection}: the key or token holds characters that it cannot have. Was it copied whole, without line breaks?',
    '连接 {connection}：密钥或令牌包含不允许的字符。是否完整复制且不含换行？',
  ],
  'elasticsearch.unreachable': [
    'Connection {connection}: {address} cannot be reached ({detail}). Check the address and that the server is running.',
    '连接 {connection}：无法连接 {address}（{detail}）。请检查地址以及服务器是否在运行。',
  ],
  'elasticsearch.connectTimeout': [
    'Connection {connection}: {address} does not answer. Check the address and the firewall.',
    '连接 {connection}：{address} 没有应答。请检查地址和防火墙。',
  ],
  'elasticsearch.connectionLost': [
    'Connection {connection}: the connection to {address} was lost.',
    '连接 {connection}：与 {address} 的连接已断开。',
  ],
  'elasticsearch.closedAtOnce': [
    'Connection {connection}: {address} closed the connection without an answer. Should its address begin with https:// instead of http://?',
    '连接 {connection}：{address} 未应答就关闭了连接。其地址是否应以 https:// 开头？',
  ],
  'elasticsearch.timeout': [
    'Connection {connection}: {address} did not answer within {seconds} s ("requestTimeoutMs").',
    '连接 {connection}：{address} 未在 {seconds} 秒内应答（“requestTimeoutMs”）。',
  ],
  'elasticsearch.noTls': [
    'Connection {connection}: {address} does not speak TLS. Should its address begin with http:// instead of https://?',
    '连接 {connection}：{address} 不使用 TLS。其地址是否应以 http:// 而非 https:// 开头？',
  ],
  'elasticsearch.tlsFailed': [
    'Connection {connection}: no encrypted connection to {address} ({detail}).',
    '连接 {connection}：无法与 {address} 建立加密连接（{detail}）。',
  ],
  'elasticsearch.tlsExpired': [
    'Connection {connection}: the certificate of {address} has expired.',
    '连接 {connection}：{address} 的证书已过期。',
  ],
  'elasticsearch.tlsNotYetValid': [
    'Connection {connection}: the certificate of {address} is not valid yet. Is the clock of this machine right?',
    '连接 {connection}：{address} 的证书尚未生效。本机时钟是否正确？',
  ],
  'elasticsearch.tlsOtherName': [
    'Connection {connection}: the certificate is for {names}, not for {host}. Use a name of it in "url", or pin the certificate itself by "fingerprint".',
    '连接 {connection}：证书属于 {names}，而不是 {host}。请在“url”中使用其中的名称，或用“fingerprint”固定该证书本身。',
  ],
  'elasticsearch.tlsUnknownAuthority': [
    'Connection {connection}: nobody trusted has issued the certificate of {address}. Name the file of its authority in "tlsCa", or pin it by "fingerprint".',
    '连接 {connection}：{address} 的证书没有受信任的颁发者。请在“tlsCa”中指定其颁发机构的证书文件，或用“fingerprint”固定。',
  ],
  'elasticsearch.tlsOtherCertificate': [
    'Connection {connection}: {address} has another certificate than the one pinned by "fingerprint": {fingerprint}. Nothing was sent. Find out whether the certificate was renewed before you change the setting.',
    '连接 {connection}：{address} 的证书与“fingerprint”固定的不同：{fingerprint}。未发送任何内容。更改设置前请先确认证书是否已更换。',
  ],
  'elasticsearch.tlsFiles': [
    'Connection {connection}: "tlsCa" cannot be used ({detail}). It is a PEM file with certificates.',
    '连接 {connection}：“tlsCa”无法使用（{detail}）。它应为包含证书的 PEM 文件。',
  ],

  // Who answers, and how
  'elasticsearch.otherProduct': [
    'Connection {connection}: what answers at {address} is neither Elasticsearch nor OpenSearch.',
    '连接 {connection}：{address} 的应答者既不是 Elasticsearch 也不是 OpenSearch。',
  ],
  'elasticsearch.otherVersion': [
    'Connection {connection}: {server} is not supported. Elasticsearch 7.17, 8 and 9 are, and OpenSearch 2 and 3.',
    '连接 {connection}：不支持 {server}。支持 Elasticsearch 7.17、8、9 以及 OpenSearch 2、3。',
  ],
  'elasticsearch.protocol': [
    'Connection {connection}: what answers at {address} is not understood ({detail}). Is it a server of another kind, or its port?',
    '连接 {connection}：无法理解 {address} 的应答（{detail}）。那里是否是其他类型的服务器，或端口有误？',
  ],
  'elasticsearch.notJson': [
    'Connection {connection}: {address} answered with {type} instead of JSON. Is a proxy or a login page in between?',
    '连接 {connection}：{address} 返回了 {type} 而不是 JSON。中间是否有代理或登录页？',
  ],
  'elasticsearch.redirected': [
    'Connection {connection}: {address} points to {target}. It was not followed, so that no login goes elsewhere: put the right address into "url".',
    '连接 {connection}：{address} 重定向到 {target}。为避免登录信息发往别处，未跟随：请在“url”中填写正确的地址。',
  ],
  'elasticsearch.answerTooLarge': [
    'Connection {connection}: {address} sent more than {megabytes} MB in one answer. It was cut.',
    '连接 {connection}：{address} 在一次应答中发送了超过 {megabytes} MB。连接已切断。',
  ],
  // Reading
  'elasticsearch.closedUnit': [
    'Index {unit} is closed and was left out. Open it (POST /{unit}/_open) to have it copied.',
    '索引 {unit} 已关闭，未包含在内。如需复制请先打开它（POST /{unit}/_open）。',
  ],
  'elasticsearch.unitChanged': [
    'What is behind {unit} is not what it was when its copy began ({change}). Start the unit again from its beginning.',
    '{unit} 所指向的索引与复制开始时不同（{change}）。请从头重新开始该单元。',
  ],
  'elasticsearch.momentLost': [
    'The server lost the point in time in which {unit} is read. The next attempt takes a new one.',
    '服务器丢失了读取 {unit} 所用的时间点（point in time）。下一次尝试会使用新的时间点。',
  ],
  'elasticsearch.documentsMissing': [
    'Of {unit} {read} {read|document was|documents were} read where the server counts {counted}. Nothing tells which ones are missing: start the unit again from its beginning.',
    '{unit} 已读取 {read} 个文档，而服务器统计为 {counted} 个。无法得知缺少哪些：请从头重新开始该单元。',
  ],
  'elasticsearch.badQuery': [
    'Unit {unit}: the server does not understand its "query" ({detail}).',
    '单元 {unit}：服务器无法理解其“query”（{detail}）。',
  ],
  'elasticsearch.sortMissing': [
    'A document of {unit} lacks a value of "sort" ({fields}). Choose fields that every document has.',
    '{unit} 中有文档缺少“sort”字段（{fields}）的值。请选择每个文档都有的字段。',
  ],
  'elasticsearch.plan.whereNotUsed': [
    'Unit {unit}: "where" is SQL. Choose documents by "query".',
    '单元 {unit}：“where”是 SQL 条件。请用“query”选择文档。',
  ],
  'elasticsearch.plan.keyNotUsed': [
    'Unit {unit}: "key" names columns of a table. Fields to order and resume by are named in "sort".',
    '单元 {unit}：“key”用于表的列。请用“sort”指定排序和续传所用的字段。',
  ],
  'elasticsearch.plan.noSource': [
    'Index {index} of {unit} does not keep its documents ("_source" is off): there is nothing to copy.',
    '{unit} 的索引 {index} 不保存文档（“_source”已关闭）：没有可复制的内容。',
  ],
  'elasticsearch.plan.severalIndexes': [
    '{unit} is {count} indexes. Documents of the same id in two of them become one.',
    '{unit} 由 {count} 个索引组成。其中 ID 相同的文档会合并为一个。',
  ],
  'elasticsearch.plan.syntheticSource': [
    'Index {index} of {unit} puts its documents together from their fields ("_source" is synthetic): they are copied as the server tells them, not as they were written.',
    '{unit} 的索引 {index} 由字段重新拼出文档（“_source”为 synthetic）：按服务器给出的内容复制，可能与写入时不同。',
  ],
  'elasticsearch.plan.partOfSource': [
    'Index {index} of {unit} keeps a part of its documents only ("_source" includes or excludes fields): the rest cannot be copied.',
    '{unit} 的索引 {index} 只保存文档的一部分（“_source”设有 includes 或 excludes）：其余内容无法复制。',
  ],
  'elasticsearch.plan.vectors': [
    'Index {index} of {unit} has vectors, which this server keeps as numbers of 32 bits beside the documents: they are copied as it tells them.',
    '{unit} 的索引 {index} 含有向量，服务器在文档之外以 32 位数值保存：按服务器给出的内容复制。',
  ],
  'elasticsearch.plan.sortField': [
    'Unit {unit}: the server cannot sort by {fields} ("sort"): {detail}',
    '单元 {unit}：服务器无法按 {fields} 排序（“sort”）：{detail}',
  ],
  'elasticsearch.plan.sortMissing': [
    'Unit {unit}: {documents} {documents|document lacks|documents lack} a value of "sort" ({fields}). Choose fields that every document has.',
    '单元 {unit}：有 {documents} 个文档缺少“sort”字段（{fields}）的值。请选择每个文档都有的字段。',
  ],
  'elasticsearch.partialAnswer': [
    'Connection {connection}: {address} answered for a part of the index only ({detail}). Nothing of it was taken.',
    '连接 {connection}：{address} 只应答了索引的一部分（{detail}）。未采用其中任何内容。',
  ],

  // Answers
  'elasticsearch.loginRefused': [
    'Connection {connection}: {address} refuses the login. Check user and password, or the key.',
    '连接 {connection}：{address} 拒绝登录。请检查用户名和密码或密钥。',
  ],
  'elasticsearch.loginWanted': [
    'Connection {connection}: {address} asks for a login, and the connection has none. Add "auth" with "user", "apiKey" or "bearer".',
    '连接 {connection}：{address} 要求登录，而该连接未配置。请添加“auth”，其中含“user”、“apiKey”或“bearer”。',
  ],
  'elasticsearch.permission': [
    'Connection {connection}: a right is missing ({detail}).',
    '连接 {connection}：缺少权限（{detail}）。',
  ],
  'elasticsearch.busy': [
    'Connection {connection}: the server takes no more for now ({detail}).',
    '连接 {connection}：服务器暂时不接受更多请求（{detail}）。',
  ],
  'elasticsearch.unavailable': [
    'Connection {connection}: {address} cannot answer now (HTTP {status}, {detail}).',
    '连接 {connection}：{address} 暂时无法应答（HTTP {status}，{detail}）。',
  ],
  'elasticsearch.blocked': [
    'Connection {connection}: the index is blocked ({detail}). Clear the block in its settings; after a full disk make room first.',
    '连接 {connection}：索引被阻止（{detail}）。请在其设置中解除阻止；如因磁盘已满，请先腾出空间。',
  ],
  'elasticsearch.requestTooLarge': [
    'Connection {connection}: the server does not take {megabytes} MB in one request. Use smaller batches ("batchBytes").',
    '连接 {connection}：服务器不接受一次 {megabytes} MB 的请求。请减小批次（“batchBytes”）。',
  ],
  'elasticsearch.requestFailed': [
    'Connection {connection}: the server answered with HTTP {status}: {detail}',
    '连接 {connection}：服务器返回 HTTP {status}：{detail}',
  ],

  // Writing
  'elasticsearch.badIndexName': [
    'No index can be called "{index}": names have no spaces and none of \\ / * ? " < > | , # :, do not begin with - _ or +, are neither "." nor "..", and have at most 255 bytes. Choose another name with "as", "prefix" or "suffix".',
    '索引不能命名为“{index}”：名称不得包含空格和 \\ / * ? " < > | , # : 等字符，不得以 - _ + 开头，不得为“.”或“..”，且最多 255 字节。请用“as”、“prefix”或“suffix”另取名称。',
  ],
  'elasticsearch.upperCaseIndexName': [
    'No index can be called "{index}": names have no capital letters. Choose another name with "as".',
    '索引不能命名为“{index}”：名称不得包含大写字母。请用“as”另取名称。',
  ],
  'elasticsearch.systemIndexName': [
    '"{index}" begins with a dot: such indexes belong to the server and are not written to. Choose another name with "as".',
    '“{index}”以点开头：此类索引属于服务器，不会写入。请用“as”另取名称。',
  ],
  'elasticsearch.diskFull': [
    'Connection {connection}: the disk below index {index} is full, so the server has made it read-only ({detail}). Make room and clear the block.',
    '连接 {connection}：索引 {index} 所在磁盘已满，服务器已将其设为只读（{detail}）。请腾出空间并解除阻止。',
  ],
  'elasticsearch.indexClosed': [
    'Connection {connection}: index {index} is closed. Open it (POST /{index}/_open).',
    '连接 {connection}：索引 {index} 已关闭。请将其打开（POST /{index}/_open）。',
  ],
  'elasticsearch.indexMissing': [
    'Connection {connection}: there is no index {index}. Check its name; with "createTarget": "missing" a target is made.',
    '连接 {connection}：没有索引 {index}。请检查名称；目标索引可用 "createTarget": "missing" 创建。',
  ],
  'elasticsearch.indexReplaced': [
    'Connection {connection}: index {index} was removed while it was written to; what is there now is another one. Start the unit again from its beginning.',
    '连接 {connection}：索引 {index} 在写入期间被删除，现在的是另一个索引。请从头重新开始该单元。',
  ],
  'elasticsearch.shardsUnavailable': [
    'Connection {connection}: shards of index {index} are not available ({detail}).',
    '连接 {connection}：索引 {index} 的分片不可用（{detail}）。',
  ],
  'elasticsearch.createFailed': [
    'Connection {connection}: index {index} could not be made: {detail}',
    '连接 {connection}：无法创建索引 {index}：{detail}',
  ],
  'elasticsearch.documentRefused': [
    'Document {id} is refused by index {index}: {detail}',
    '索引 {index} 拒绝了文档 {id}：{detail}',
  ],
  'elasticsearch.documentTooLarge': [
    'Document {id} has {megabytes} MB, more than the server of index {index} takes in one request ("http.max_content_length").',
    '文档 {id} 有 {megabytes} MB，超过索引 {index} 的服务器一次请求的上限（“http.max_content_length”）。',
  ],
  'elasticsearch.documentExists': [
    'Index {index} has a document {id} already, and "write": "insert" overwrites none.',
    '索引 {index} 中已有文档 {id}，而 "write": "insert" 不会覆盖。',
  ],
  'elasticsearch.plan.noKey': [
    '{unit} has no key: its rows have nothing to make document ids of, so a repetition would write them twice.',
    '{unit} 没有键：其行无法生成文档 ID，重复写入会产生两份。',
  ],
  'elasticsearch.plan.checkpoint': [
    '{unit}: "checkpoint": "target" is for databases: search servers have no transactions. Use "store".',
    '{unit}："checkpoint": "target" 仅适用于数据库：搜索服务器没有事务。请使用 "store"。',
  ],
  'elasticsearch.plan.isAlias': [
    '"{index}" is an alias or a data stream ({names}), not an index. Name an index as the target, or let "swapAlias" move an alias to a new one.',
    '“{index}”是别名或数据流（{names}），不是索引。请以索引为目标，或用“swapAlias”让别名指向新索引。',
  ],
  'elasticsearch.plan.aliasIsIndex': [
    '"swapAlias": there is an index or a data stream called {alias}, so no alias can be. Choose another name.',
    '“swapAlias”：已有名为 {alias} 的索引或数据流，别名不能与其同名。请另选名称。',
  ],
  'elasticsearch.plan.targetIsSource': [
    '{unit}: index {index} of the target is what is read, in the same cluster. Give the copy another name with "as", "prefix" or "suffix".',
    '{unit}：目标索引 {index} 就是同一集群中被读取的索引。请用“as”、“prefix”或“suffix”为副本另取名称。',
  ],
  'elasticsearch.plan.willRecreate': ['Index {index} is removed and made anew.', '索引 {index} 将被删除并重新创建。'],
  'elasticsearch.plan.willEmpty': [
    'Index {index} is emptied first: it is removed with its {rows} {rows|document|documents} and made again with its own settings, mapping and aliases.',
    '索引 {index} 会先清空：连同其 {rows} 个文档一起删除，再按原有设置、映射和别名重新创建。',
  ],
  'elasticsearch.plan.merges': [
    'Index {index} holds {rows} {rows|document|documents}: those of {unit} are merged into the ones with the same id, and the server may spell their numbers anew (1.10 as 1.1). With "write": "replace" or "truncate" they are kept byte for byte.',
    '索引 {index} 中有 {rows} 个文档：{unit} 的文档会合并到相同 ID 的文档中，服务器可能改写数字的写法（1.10 变为 1.1）。使用 "write": "replace" 或 "truncate" 可逐字节保留。',
  ],
  'elasticsearch.plan.loadSettings': [
    'Index {index} still has the settings of a load that did not end ({settings}). They are put back when this copy ends.',
    '索引 {index} 仍保留着未结束的装载的设置（{settings}）。本次复制结束时会恢复。',
  ],
  'elasticsearch.plan.settingsLeftOut': [
    '{unit}: settings that belong to the other cluster are not carried over: {settings}.',
    '{unit}：属于另一集群的设置不会带过来：{settings}。',
  ],
  'elasticsearch.plan.settingsUnknown': [
    '{unit}: {server} does not know the settings {settings}. They are left out.',
    '{unit}：{server} 不认识设置 {settings}，将被略去。',
  ],
  'elasticsearch.plan.definitionRefused': [
    '{unit}: {server} does not take its definition ({detail}). Make the index yourself as it should be.',
    '{unit}：{server} 不接受其定义（{detail}）。请自行按需要创建该索引。',
  ],
  'elasticsearch.plan.readOnly': [
    'Index {index} is read-only: set {blocks} to null in its settings, or write into another index.',
    '索引 {index} 为只读：请在其设置中将 {blocks} 设为 null，或写入其他索引。',
  ],
  'elasticsearch.plan.keepsNoSource': [
    'Index {index} does not keep documents as they are written ("_source" of its mapping), so none can be copied into it exactly.',
    '索引 {index} 不会原样保存文档（其映射的“_source”），因此无法精确复制。',
  ],
  'elasticsearch.plan.fieldConflict': [
    'Index {index} cannot hold the documents: an object on one side is a value on the other (field, source, target): {fields}.',
    '索引 {index} 无法容纳这些文档：一侧的对象在另一侧是值（字段、源、目标）：{fields}。',
  ],
  'elasticsearch.plan.otherTypes': [
    'Fields of index {index} are mapped otherwise (field, source, target): {fields}. Documents are kept as they are, but searches may find others; those that do not fit are refused.',
    '索引 {index} 的字段映射不同（字段、源、目标）：{fields}。文档原样保存，但检索结果可能不同；不符合的会被拒绝。',
  ],
  'elasticsearch.plan.strict': [
    'Index {index} takes no fields that it does not know ("dynamic": "strict"), and lacks {fields}. Documents with them are refused.',
    '索引 {index} 不接受未知字段（"dynamic": "strict"），且缺少 {fields}。含有这些字段的文档会被拒绝。',
  ],
  'elasticsearch.plan.defaultPipeline': [
    'Index {index} sends every document that is merged through pipeline {pipeline} ("index.default_pipeline"), which may change it. With "write": "replace" it is passed by.',
    '索引 {index} 会让合并的文档经过管道 {pipeline}（“index.default_pipeline”），文档可能被更改。使用 "write": "replace" 可绕过该管道。',
  ],
  'elasticsearch.plan.finalPipeline': [
    'Index {index} sends every document through pipeline {pipeline} ("index.final_pipeline"), which may change it.',
    '索引 {index} 会让每个文档经过管道 {pipeline}（“index.final_pipeline”），文档可能被更改。',
  ],
  'elasticsearch.fieldLimit': [
    'Document {id} would give index {index} more fields than its settings allow: {detail}',
    '文档 {id} 会使索引 {index} 的字段数超过其设置所允许的数量：{detail}',
  ],
  // Rows and documents
  'elasticsearch.plan.otherEngine': [
    '{unit} cannot be copied into a search server: {engine} does not say what its columns hold.',
    '{unit} 无法复制到搜索服务器：{engine} 未说明其列的内容。',
  ],
  'elasticsearch.plan.noSuchColumn': [
    '{unit}: "fields" names {field}, and it has no such column.',
    '{unit}：“fields”指定了 {field}，但没有这一列。',
  ],
  'elasticsearch.noSuchColumn': [
    '{unit}: "columns" names {column}, and its mapping has no such field.',
    '{unit}：“columns”指定了 {column}，但其映射中没有该字段。',
  ],
  'elasticsearch.plan.noSuchField': [
    '{unit}: "fields" names {field}, and its mapping has no such field at the top.',
    '{unit}：“fields”指定了 {field}，但其映射顶层没有该字段。',
  ],
  'elasticsearch.plan.fieldName': [
    '{unit}: no field of a document can be called "{column}" (a dot, nothing, or a name of the server). Leave the column out with "columns".',
    '{unit}：文档字段不能命名为“{column}”（含点、为空或为服务器保留名）。请用“columns”排除该列。',
  ],
  'elasticsearch.plan.fieldMissing': [
    '{unit}: the mapping of the index has no field {column}. Add it, leave the column out with "columns", or choose "createTarget": "recreate".',
    '{unit}：索引映射中没有字段 {column}。请添加，或用“columns”排除该列，或选择 "createTarget": "recreate"。',
  ],
  'elasticsearch.plan.fieldDiffers': [
    '{unit}: "fields" asks for {column} as {asked}, and it is {field} in the index that is there.',
    '{unit}：“fields”要求 {column} 为 {asked}，但现有索引中为 {field}。',
  ],
  'elasticsearch.plan.fieldCannotHold': [
    '{unit}: column {column} ({type}) cannot be a field of type {field}.',
    '{unit}：列 {column}（{type}）不能成为 {field} 类型的字段。',
  ],
  'elasticsearch.plan.fieldType': [
    '{unit}: what "fields" says of {field} is no type of a column, such as { "type": "json" } or { "type": "datetime", "fraction": 3 }.',
    '{unit}：“fields”中关于 {field} 的内容不是列类型，例如 { "type": "json" } 或 { "type": "datetime", "fraction": 3 }。',
  ],
  'elasticsearch.plan.fieldsUnused': [
    '{unit}: "fields" is for copies between search servers and databases: whole documents are copied as they are.',
    '{unit}：“fields”用于搜索服务器与数据库之间的复制：整个文档会原样复制。',
  ],
  'elasticsearch.plan.mappingGuessed': [
    '{unit} says nothing of its mapping: the server makes one of the first documents. Create the index yourself where that is not enough.',
    '{unit} 未说明其映射：服务器会根据首批文档生成。若不够用，请自行创建索引。',
  ],
  'elasticsearch.valueElsewhere': [
    '{unit}: column {column} of the row {key} holds {found}, which a field of type {field} would not keep as it is. "fields" may give it another type ("keyword" keeps any text).',
    '{unit}：行 {key} 的列 {column} 的值为 {found}，{field} 类型的字段无法原样保存。可用“fields”指定其他类型（“keyword”可保存任何文本）。',
  ],
  'elasticsearch.keyNoId': [
    '{unit}: the key {key} makes no id of a document ({detail}): it has up to 512 bytes of text.',
    '{unit}：键 {key} 无法作为文档 ID（{detail}）：ID 最多为 512 字节的文本。',
  ],
  'elasticsearch.fieldElsewhere': [
    '{unit}: field {field} ({type}) of document {id} holds {found}, which its column cannot keep as it is. With "fields": { "{field}": { "type": "json" } } the column takes anything.',
    '{unit}：文档 {id} 的字段 {field}（{type}）的值为 {found}，其列无法原样保存。使用 "fields": { "{field}": { "type": "json" } } 则该列可接受任何内容。',
  ],
  'elasticsearch.fieldUnknown': [
    '{unit}: document {id} has {field}, for which there is no column.',
    '{unit}：文档 {id} 含有 {field}，但没有对应的列。',
  ],
  'elasticsearch.notADocument': [
    '{unit}: {id} is no document that can be copied: {detail}.',
    '{unit}：{id} 不是可复制的文档：{detail}。',
  ],
} as const satisfies Messages;
