/** Whether a unit can be read in the order that a person chose. */
import type { Coded } from '../../core/model.ts';
import { DataError } from '../../core/ports.ts';
import type { UnitSchema } from '../contract.ts';
import type { Cluster } from './describe.ts';
import { queryOf, readNativeOf } from './reading.ts';
import { smallAnswer, totalOf } from './small-answers.ts';

/** The schema with a refusal where the server cannot sort by a field, or documents lack one. */
export async function refuseUnsortable({ client }: Cluster, schema: UnitSchema): Promise<UnitSchema> {
  const { reading } = readNativeOf(schema);
  const { sort } = reading;
  if (sort === null || schema.refusals.length > 0) return schema;
  const { unit } = schema;
  const send = async (members: string): Promise<Buffer> => {
    const query = { allow_partial_search_results: false };
    return (await client.send({ method: 'POST', path: [unit, '_search'], query, body: `{${members}}` })).body;
  };
  const refused = (refusal: Coded): UnitSchema => ({ ...schema, refusals: [...schema.refusals, refusal] });
  try {
    const order = JSON.stringify(sort.map((field) => ({ [field]: 'asc' })));
    await send(`"size":1,"track_total_hits":false,"_source":false,"sort":${order}`);
  } catch (error) {
    if (!(error instanceof DataError) || error.error.args.status !== 400) throw error;
    const args = { unit, fields: sort.join(', '), detail: String(error.error.args.detail) };
    return refused({ code: 'elasticsearch.plan.sortField', args });
  }
  const exists = sort.filter((field) => !field.startsWith('_')).map((field) => ({ exists: { field } }));
  const lacking = `{"bool":{"must":[${queryOf(reading, { after: null, upTo: null })}],"must_not":[{"bool":{"filter":${JSON.stringify(exists)}}}]}}`;
  if (exists.length === 0) return schema;
  const documents = totalOf(smallAnswer(await send(`"size":0,"track_total_hits":true,"query":${lacking}`)));
  if (documents === 0) return schema;
  return refused({ code: 'elasticsearch.plan.sortMissing', args: { unit, fields: sort.join(', '), documents } });
}
