import { runConformance } from '../conformance/suite.ts';
import { makeMysqlSystem } from './mysql-system.ts';

runConformance('MySQL', makeMysqlSystem);
