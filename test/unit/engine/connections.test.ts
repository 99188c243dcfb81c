import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanResult } from '../../../src/core/ports.ts';
import { type TaskRuntime, withConnections } from '../../../src/engine/planning.ts';

const planOf = (...lanes: number[]): PlanResult =>
  ({ units: lanes.map((each, at) => ({ name: `unit ${at}`, lanes: each })), warnings: [] }) as unknown as PlanResult;
const between = (source: string, target: string): TaskRuntime =>
  ({ source: { type: source }, target: { type: target } }) as TaskRuntime;

test('a plan says how many connections are open at a time at most: the largest units together', () => {
  const plan = withConnections(planOf(1, 4, 1, 4, 2), between('mysql', 'mysql'), 3);
  assert.deepEqual(plan.notes, [{ code: 'plan.connections', args: { connections: 10, concurrency: 3 } }]);
  const few = withConnections(planOf(1), between('sqlite', 'mysql'), 8);
  assert.deepEqual(few.notes, [{ code: 'plan.connections', args: { connections: 1, concurrency: 8 } }]);
});

test('a plan between files says nothing of connections', () => {
  assert.equal(withConnections(planOf(1), between('sqlite', 'files'), 3).notes, undefined);
});
