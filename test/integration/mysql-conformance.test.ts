import { runConformance } from '../conformance/suite.ts';
import { connectors } from './mysql-copy.ts';
import { makeMysqlSystem } from './mysql-system.ts';

runConformance('MySQL', makeMysqlSystem);
runConformance('MySQL in lanes', makeMysqlSystem, { lanes: 2 });
// Where packets cannot be had, and where statements cannot be prepared.
for (const [way, connector] of connectors()) {
  if (way.endsWith('as text')) runConformance(`MySQL, ${way},`, () => makeMysqlSystem(connector));
}
