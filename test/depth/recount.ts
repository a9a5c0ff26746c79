import type { Json, JsonObject } from '../../src/users/attributes.ts';

/** What is known of one attribute path, without the moments at which it was seen. */
export interface Count {
  path: string;
  users: number;
  types: Record<string, number>;
  values: { value: string | number | boolean; users: number }[];
}

/** Counts the attributes of all users anew, path by path: what the statistics kept along the way must equal. */
export function recount(everybody: readonly JsonObject[]): Count[] {
  const counts = new Map<string, Count>();
  for (const attributes of everybody) {
    for (const path of pathsOf(attributes, 3)) {
      const value = lookUp(attributes, path);
      if (value === undefined) continue;
      const count = counts.get(path) ?? { path, users: 0, types: {}, values: [] };
      counts.set(path, count);
      count.users++;
      const type = typeOf(value);
      count.types[type] = (count.types[type] ?? 0) + 1;
      const scalars = (Array.isArray(value) ? value : [value]).filter(
        (one): one is string | number | boolean =>
          typeof one === 'number' ||
          typeof one === 'boolean' ||
          (typeof one === 'string' && one.length <= 100),
      );
      for (const scalar of new Set(scalars)) {
        const known = count.values.find((one) => one.value === scalar);
        if (known === undefined) count.values.push({ value: scalar, users: 1 });
        else known.users++;
      }
    }
  }
  return [...counts.values()];
}

function pathsOf(object: JsonObject, depth: number): Set<string> {
  const paths = new Set<string>();
  for (const [key, value] of Object.entries(object)) {
    if (key.isWellFormed() && key.length <= 256) paths.add(key);
    if (depth === 1 || !isObject(value)) continue;
    for (const rest of pathsOf(value, depth - 1)) {
      const path = `${key}.${rest}`;
      if (path.isWellFormed() && path.length <= 256) paths.add(path);
    }
  }
  return paths;
}

/** The value a rule on `attributes.<path>` sees: a key with dots in it comes before a nested one. */
function lookUp(object: JsonObject, path: string): Json | undefined {
  const own = Object.hasOwn(object, path) ? object[path] : undefined;
  if (own !== undefined && own !== null) return own;
  for (let dot = path.lastIndexOf('.'); dot >= 0; dot = path.lastIndexOf('.', dot - 1)) {
    const key = path.slice(0, dot);
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    const found = isObject(value) ? lookUp(value, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
    if (dot === 0) break;
  }
  return undefined;
}

function typeOf(value: Json): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value !== 'string') return typeof value;
  return /^\d{4}-\d{2}-\d{2}([T ]|$)/.test(value) ? 'date' : 'text';
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
