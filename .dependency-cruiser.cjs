// The walls between the rooms of the house (CONTRIBUTING.md has the picture). Each comment says where the code belongs:
// it is what a developer reads who has just run into the wall.

/** The shipped rooms under src, and what each may import beside itself and packages. */
const ROOMS = {
  core: [],
  config: ['core'],
  store: ['core'],
  connectors: ['core'],
  pipeline: ['core', 'connectors/contract', 'connectors/page-rows', 'connectors/row-hash'],
  host: ['core', 'protocol'],
  worker: ['core', 'pipeline', 'connectors'],
  engine: ['core', 'config', 'worker/protocol', 'protocol'],
  protocol: ['core'],
  wording: ['core'],
  workspace: ['core', 'host', 'store', 'engine/api'],
};

const LESSONS = {
  core: 'src/core only decides. What touches the machine, a database or the editor belongs behind a port (src/core/ports.ts), and its implementation into the host that supplies it.',
  config:
    'src/config knows the file people write and the domain types of src/core. What runs a task belongs into src/engine.',
  store:
    'src/store keeps what the ports of src/core describe. Decisions belong into src/core, their order into src/engine, the lock and the data folder into src/host.',
  connectors:
    'src/connectors knows one system each. Copying in batches, checkpoints and verification belong into src/pipeline, choosing a connector into src/worker.',
  pipeline:
    'src/pipeline copies one unit between any Source and Target of src/connectors/contract.ts. What is special to one system belongs into its own folder under src/connectors.',
  host: 'src/host knows the machine: lock, socket, folders, log. What starts or pauses a task belongs into src/engine; joining the two belongs into a composition root (src/extension, src/cli, src/server).',
  worker:
    'src/worker runs units in a thread. It knows neither the store nor the engine: send a message of src/worker/protocol.ts instead.',
  engine:
    'src/engine drives the core through ports. A store, a lock or an editor is passed in by a composition root (src/extension, src/cli, src/server); rows are read and written behind src/worker/protocol.ts only.',
  protocol:
    'src/protocol is what a host and a view say to each other: message types and guards. Behaviour belongs to one of the two ends.',
  wording:
    'src/wording holds sentences by code, nothing else: it is bundled into every host and the panel. What decides which code is said belongs where the code arises.',
  workspace:
    'src/workspace joins the lock, the store and the socket of one folder behind the interface of src/engine/api.ts. Driving tasks belongs into src/engine, creating it into a composition root.',
};

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const rooms = Object.entries(ROOMS).map(([room, neighbours]) => ({
  name: `room-${room}`,
  severity: 'error',
  comment: LESSONS[room],
  from: { path: `^src/${room}/` },
  to: {
    path: '^(src|webview|test|scripts)/',
    pathNot: [room, ...neighbours].map((each) => (each.includes('/') ? `^src/${each}\\.ts$` : `^src/${each}/`)),
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: LESSONS.core,
      from: { path: '^src/core/' },
      to: {
        dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'],
        pathNot: '/croner/',
      },
    },
    {
      name: 'engine-uses-ports',
      severity: 'error',
      comment:
        'Files and the network come to src/engine through ports: add the call to a port in src/core/ports.ts and implement it in src/host, src/store or src/worker.',
      from: { path: '^src/engine/' },
      to: { path: '^(node:)?(fs|fs/promises|net|tls|http|https|http2|dgram|child_process)$' },
    },
    {
      name: 'one-room-knows-the-editor',
      severity: 'error',
      comment:
        'Only src/extension imports vscode. Give the code what it needs as an argument or a port and adapt it in src/extension, so that the command line and the server can use it too.',
      from: { pathNot: '^(src/extension|test/host)/' },
      to: { path: '^vscode$|/@types/vscode/' },
    },
    {
      name: 'one-folder-per-system',
      severity: 'error',
      comment:
        'A connector does not know another one. What two share belongs into src/connectors/contract.ts or src/pipeline.',
      from: { path: '^src/connectors/([^/]+)/' },
      to: { path: '^src/connectors/[^/]+/', pathNot: '^src/connectors/$1/' },
    },
    {
      name: 'only-types-of-the-core',
      severity: 'error',
      comment:
        'src/protocol and src/wording take only types from src/core (import type): a view must not carry the core along.',
      from: { path: '^src/(protocol|wording)/' },
      to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'room-webview',
      severity: 'error',
      comment:
        'webview is browser code: it talks to the host in messages of src/protocol, says them in words of src/wording and takes only types from src/core (import type). What needs Node, the editor or the engine belongs into src/extension, behind a message.',
      from: { path: '^webview/' },
      to: { path: '^(src|test|scripts)/', pathNot: '^src/(protocol|wording|core)/' },
    },
    {
      name: 'webview-has-no-behaviour-of-the-core',
      severity: 'error',
      comment:
        'webview takes only types from src/core (import type): decisions are made in the host and arrive as messages.',
      from: { path: '^webview/' },
      to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'webview-is-browser-code',
      severity: 'error',
      comment: 'There is no Node in a webview: ask the host by a message of src/protocol.',
      from: { path: '^webview/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-folder-knows-the-toolkit',
      severity: 'error',
      comment:
        'The toolkit is archived upstream and has to be replaceable in a day: only webview/controls imports it. Use or add a control there.',
      from: { pathNot: '^webview/controls/' },
      to: { path: '/@vscode/webview-ui-toolkit/|/@microsoft/fast-' },
    },
    {
      name: 'headless-without-editor',
      severity: 'error',
      comment: 'src/cli and src/server run without an editor. What both need belongs into src/engine or src/host.',
      from: { path: '^src/(cli|server)/' },
      to: { path: '^(src/extension|webview|test|scripts)/' },
    },
    {
      name: 'extension-ships-alone',
      severity: 'error',
      comment:
        'src/extension is a host of the engine: it imports neither another host nor tests nor scripts, and the panel only as a file.',
      from: { path: '^src/extension/' },
      to: { path: '^(src/cli|src/server|webview|test|scripts)/' },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      comment:
        'Two modules that need each other are one module, or hide a third: move what both need into a module of its own.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      comment: 'The import finds no file and no package.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^vscode$|\\.css$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.d\\.ts$' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
