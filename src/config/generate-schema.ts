/** `npm run schema`: writes `schemas/datatrace.schema.json`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { jsonSchemaText } from './json-schema.ts';

const folder = new URL('../../schemas/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('datatrace.schema.json', folder), jsonSchemaText());
