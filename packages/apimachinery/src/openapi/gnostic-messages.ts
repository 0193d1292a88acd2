import { isObject, type JsonValue } from '../json/value.js';

/**
 * Field numbers of gnostic's `OpenAPIv2.proto` (google/gnostic, Apache-2.0), for those messages and fields that our
 * documents use.
 */
export interface MessageFields {
  /** In rising order of their numbers. */
  readonly fields: readonly { readonly name: string; readonly number: number; readonly shape: Shape }[];
  /** The number of the repeated field that takes members whose name begins with `x-`. */
  readonly extensions?: number;
}

export type Shape =
  | 'text'
  | 'bool'
  | 'integer'
  | 'double'
  | 'any'
  | { readonly kind: 'message'; readonly fields: () => MessageFields }
  /** A message with one field that matters. */
  | { readonly kind: 'wrapped'; readonly number: number; readonly shape: Shape }
  | { readonly kind: 'repeated'; readonly shape: Shape }
  /** A repeated pair of name and value, made of an object's members. */
  | { readonly kind: 'named'; readonly shape: Shape }
  | { readonly kind: 'choice'; readonly choose: (value: JsonValue) => Shape };

function message(fields: () => MessageFields): Shape {
  return { kind: 'message', fields };
}
function wrapped(number: number, shape: Shape): Shape {
  return { kind: 'wrapped', number, shape };
}
function repeated(shape: Shape): Shape {
  return { kind: 'repeated', shape };
}
function named(shape: Shape): Shape {
  return { kind: 'named', shape };
}
function choice(choose: (value: JsonValue) => Shape): Shape {
  return { kind: 'choice', choose };
}

function fieldsOf(members: Readonly<Record<string, readonly [number, Shape]>>, extensions?: number): MessageFields {
  const fields = Object.entries(members)
    .map(([name, [number, shape]]) => ({ name, number, shape }))
    .sort((a, b) => a.number - b.number);
  return extensions === undefined ? { fields } : { fields, extensions };
}

const SCHEMA: MessageFields = fieldsOf(
  {
    $ref: [1, 'text'],
    format: [2, 'text'],
    title: [3, 'text'],
    description: [4, 'text'],
    default: [5, 'any'],
    multipleOf: [6, 'double'],
    maximum: [7, 'double'],
    exclusiveMaximum: [8, 'bool'],
    minimum: [9, 'double'],
    exclusiveMinimum: [10, 'bool'],
    maxLength: [11, 'integer'],
    minLength: [12, 'integer'],
    pattern: [13, 'text'],
    maxItems: [14, 'integer'],
    minItems: [15, 'integer'],
    uniqueItems: [16, 'bool'],
    maxProperties: [17, 'integer'],
    minProperties: [18, 'integer'],
    required: [19, repeated('text')],
    enum: [20, repeated('any')],
    additionalProperties: [
      21,
      choice((value) =>
        isObject(value)
          ? wrapped(
              1,
              message(() => SCHEMA),
            )
          : wrapped(2, 'bool'),
      ),
    ],
    type: [22, wrapped(1, 'text')],
    items: [
      23,
      wrapped(
        1,
        message(() => SCHEMA),
      ),
    ],
    properties: [25, wrapped(1, named(message(() => SCHEMA)))],
    example: [30, 'any'],
  },
  31,
);
const schema = message(() => SCHEMA);

const REFERENCE = fieldsOf({ $ref: [1, 'text'], description: [2, 'text'] });
const BODY = fieldsOf(
  { description: [1, 'text'], name: [2, 'text'], in: [3, 'text'], required: [4, 'bool'], schema: [5, schema] },
  6,
);
const QUERY = fieldsOf(
  {
    required: [1, 'bool'],
    in: [2, 'text'],
    description: [3, 'text'],
    name: [4, 'text'],
    type: [6, 'text'],
    format: [7, 'text'],
    uniqueItems: [20, 'bool'],
  },
  23,
);
const PATH = fieldsOf(
  {
    required: [1, 'bool'],
    in: [2, 'text'],
    description: [3, 'text'],
    name: [4, 'text'],
    type: [5, 'text'],
    format: [6, 'text'],
    uniqueItems: [19, 'bool'],
  },
  22,
);

/** The inside of a `Parameter`: a body, or one of the others by where it stands. */
const parameter = choice((value) => {
  const place = isObject(value) ? value.in : undefined;
  if (place === 'body')
    return wrapped(
      1,
      message(() => BODY),
    );
  return wrapped(
    2,
    place === 'path'
      ? wrapped(
          4,
          message(() => PATH),
        )
      : wrapped(
          3,
          message(() => QUERY),
        ),
  );
});
const parameterOrReference = choice((value) =>
  isObject(value) && value.$ref !== undefined
    ? wrapped(
        2,
        message(() => REFERENCE),
      )
    : wrapped(1, parameter),
);

const RESPONSE = fieldsOf({ description: [1, 'text'], schema: [2, wrapped(1, schema)] }, 5);

const OPERATION = fieldsOf(
  {
    tags: [1, repeated('text')],
    description: [3, 'text'],
    operationId: [5, 'text'],
    produces: [6, repeated('text')],
    consumes: [7, repeated('text')],
    parameters: [8, repeated(parameterOrReference)],
    responses: [
      9,
      wrapped(
        1,
        named(
          wrapped(
            1,
            message(() => RESPONSE),
          ),
        ),
      ),
    ],
    schemes: [10, repeated('text')],
  },
  13,
);
const operation = message(() => OPERATION);

const PATH_ITEM = fieldsOf(
  {
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
    parameters: [9, repeated(parameterOrReference)],
  },
  10,
);

const API_KEY = fieldsOf({ type: [1, 'text'], name: [2, 'text'], in: [3, 'text'], description: [4, 'text'] }, 5);

/** `openapi.v2.Document`. */
export const DOCUMENT: MessageFields = fieldsOf(
  {
    swagger: [1, 'text'],
    info: [2, message(() => fieldsOf({ title: [1, 'text'], version: [2, 'text'] }))],
    paths: [8, wrapped(2, named(message(() => PATH_ITEM)))],
    definitions: [9, wrapped(1, named(schema))],
    parameters: [10, wrapped(1, named(parameter))],
    security: [12, repeated(wrapped(1, named(wrapped(1, repeated('text')))))],
    securityDefinitions: [
      13,
      wrapped(
        1,
        named(
          wrapped(
            2,
            message(() => API_KEY),
          ),
        ),
      ),
    ],
  },
  16,
);
