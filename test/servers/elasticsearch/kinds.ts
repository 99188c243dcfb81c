/** The kinds of search server that the tests run against, and what each is made of (see `host/`). */

export const SEARCH_KINDS = [
  'elasticsearch7',
  'elasticsearch8',
  'elasticsearch8-secure',
  'elasticsearch9',
  'opensearch2',
  'opensearch3',
] as const;

/**
 * `elasticsearch8` (8.19) and `opensearch2` (2.19) are what `npm test` runs against; `elasticsearch8-secure` is the former
 * with users, roles, API keys and TLS. The others are 7.17, 9.5 and 3.8.
 */
export type SearchKind = (typeof SEARCH_KINDS)[number];

export interface SearchRecipe {
  /** Folder under `host/` whose pom.xml names the server's jars. */
  readonly jars: string;
  /** Folder under `host/` with the class that starts the server. */
  readonly host: string;
  /** That class. */
  readonly main: string;
  /** Classes of the plugins that take part. */
  readonly plugins: readonly string[];
  /** Oldest and newest release of Java that it is run with. */
  readonly java: readonly [number, number];
  /** Asks for a user and speaks TLS. */
  readonly secure: boolean;
}

const NETTY = 'org.elasticsearch.transport.netty4.Netty4Plugin';
const SECURITY = ['node.KeyAnalysis', 'xpack.core.XPackPlugin', 'xpack.security.Security'];

const elasticsearch8: SearchRecipe = {
  jars: 'elasticsearch8',
  host: 'elasticsearch8',
  main: 'org.elasticsearch.node.Host',
  plugins: [NETTY],
  java: [17, 21],
  secure: false,
};

export const SEARCH_RECIPES: Readonly<Record<SearchKind, SearchRecipe>> = {
  elasticsearch7: {
    jars: 'elasticsearch7',
    host: 'elasticsearch7',
    main: 'Host',
    plugins: ['org.elasticsearch.transport.Netty4Plugin', 'org.elasticsearch.reindex.ReindexPlugin'],
    java: [17, 21],
    secure: false,
  },
  elasticsearch8,
  'elasticsearch8-secure': {
    ...elasticsearch8,
    plugins: [NETTY, ...SECURITY.map((name) => `org.elasticsearch.${name}`)],
    secure: true,
  },
  elasticsearch9: { ...elasticsearch8, jars: 'elasticsearch9', java: [21, 25] },
  opensearch2: {
    jars: 'opensearch2',
    host: 'opensearch2',
    main: 'Host',
    plugins: ['org.opensearch.transport.Netty4Plugin', 'org.opensearch.index.reindex.ReindexPlugin'],
    java: [17, 21],
    secure: false,
  },
  opensearch3: {
    jars: 'opensearch3',
    host: 'opensearch3',
    main: 'Host',
    plugins: ['org.opensearch.transport.Netty4ModulePlugin', 'org.opensearch.index.reindex.ReindexModulePlugin'],
    java: [21, 25],
    secure: false,
  },
};

export function isSearchKind(name: string): name is SearchKind {
  return SEARCH_KINDS.some((kind) => kind === name);
}
