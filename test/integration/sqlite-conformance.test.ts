import { makeSqliteSystem } from '../conformance/sqlite-system.ts';
import { runConformance } from '../conformance/suite.ts';

runConformance('SQLite', makeSqliteSystem);
