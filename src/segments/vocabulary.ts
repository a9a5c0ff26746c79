import { OPERATORS, type Operator, type OperatorName } from './operators.ts';
import {
  FIELD_TEXTS,
  FIELDS,
  type FieldName,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LIST,
  operatorsFor,
} from './rules.ts';

/** What rules are made of, for whoever builds them: all of it from the tables the rules are checked with. */
export const vocabulary = () => ({
  operators: (Object.entries(OPERATORS) as [OperatorName, Operator][]).map(
    ([name, { title, titles = {}, description, operand, fits, sameAs = {} }]) => ({
      name,
      title,
      description,
      operand,
      fits: fits.map((type) => ({
        type,
        title: titles[type] ?? title,
        offered: sameAs[type] === undefined,
      })),
    }),
  ),
  fields: (Object.keys(FIELDS) as FieldName[]).map((name) => ({
    name,
    ...FIELD_TEXTS[name],
    type: FIELDS[name],
    operators: [...operatorsFor(FIELDS[name])],
  })),
  limits: { depth: MAX_DEPTH, conditions: MAX_CONDITIONS, values: MAX_LIST },
});
