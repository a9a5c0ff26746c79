import type { OpenAPIV3 } from 'openapi-types';
import { isTextForm } from './allowed.ts';

/** A JSON schema as TypeBox writes it: newer than what OpenAPI 3.0 takes. */
interface Schema {
  type?: string;
  format?: string;
  const?: unknown;
  examples?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  patternProperties?: Record<string, Schema>;
  [keyword: string]: unknown;
}
interface Parameter {
  schema: Schema;
  examples?: unknown[];
  [member: string]: unknown;
}
type Content = Record<string, { schema: Schema; [member: string]: unknown }>;
interface Answer {
  description: string;
  examples?: unknown[];
  content?: Content;
}
interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, Answer>;
  [member: string]: unknown;
}
/** The document as the swagger plugin makes it. */
export interface RawDocument {
  paths: Record<string, Record<string, Operation>>;
  [member: string]: unknown;
}

/** Brings the plugin's document to valid OpenAPI 3.0.3 that says what the API takes and gives: JSON alone. */
export function tidyDocument(document: RawDocument): OpenAPIV3.Document {
  const paths = mapValues(document.paths, (item) => mapValues(item, tidyOperation));
  return { ...document, paths } as unknown as OpenAPIV3.Document;
}

function tidyOperation(operation: Operation): Operation {
  const { operationId, parameters, requestBody, responses, ...rest } = operation;
  return {
    ...rest,
    operationId: operationId.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
    ...(parameters === undefined ? {} : { parameters: parameters.map(tidyParameter) }),
    ...(requestBody === undefined
      ? {}
      : { requestBody: { ...requestBody, content: jsonOnly(requestBody.content) } }),
    responses: mapValues(responses, tidyAnswer),
  };
}

function tidyParameter({ examples, schema, ...rest }: Parameter): Parameter {
  return { ...rest, schema: tidySchema(schema), ...(examples === undefined ? {} : { example: examples[0] }) };
}

/** The plugin leaves the examples of an answer beside its content. */
function tidyAnswer({ description, examples, content }: Answer): Answer {
  if (content === undefined) return { description };
  const tidy = jsonOnly(content);
  const json = tidy['application/json'];
  if (json !== undefined && examples !== undefined) json.example = examples[0];
  return { description, content: tidy };
}

/** The plugin lists every body as form and text, too. A body the route describes by itself stays as it is. */
function jsonOnly(content: Content): Content {
  const json = content['application/json'];
  return json === undefined ? content : { 'application/json': { ...json, schema: tidySchema(json.schema) } };
}

function tidySchema(schema: Schema): Schema {
  const { const: only, examples, anyOf, oneOf, items, properties, patternProperties, ...rest } = schema;
  const tidy: Schema = { ...rest };
  // The framework drops members it does not know, and adds a mark by which it would refuse them.
  if (tidy.additionalProperties === false) delete tidy.additionalProperties;
  if (only !== undefined) tidy.enum = [only];
  if (examples !== undefined) tidy.example = examples[0];
  if (oneOf !== undefined) tidy.oneOf = oneOf.map(tidySchema);
  if (items !== undefined) tidy.items = tidySchema(items);
  if (properties !== undefined) tidy.properties = mapValues(properties, tidySchema);
  // A map of any key; 3.0 has no patterns for keys.
  if (patternProperties !== undefined) {
    const [values] = Object.values(patternProperties);
    tidy.additionalProperties = values === undefined ? true : tidySchema(values);
  }
  return anyOf === undefined ? tidy : { ...tidy, ...tidyUnion(anyOf) };
}

/** 3.0 has no type null: it marks what may be null. */
function tidyUnion(anyOf: Schema[]): Schema {
  const parts = anyOf.filter((part) => part.type !== 'null' && !isTextForm(part)).map(tidySchema);
  const nullable = anyOf.some(({ type }) => type === 'null') ? { nullable: true } : {};
  return parts.length === 1 ? { ...parts[0], ...nullable } : { anyOf: parts, ...nullable };
}

function mapValues<T, U>(record: Record<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
