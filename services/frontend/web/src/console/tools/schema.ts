/** A tool's arguments, from its JSON Schema to a form's fields and back. */

export interface Property {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  anyOf?: Property[];
  oneOf?: Property[];
  $ref?: string;
}

export interface ArgumentsSchema {
  properties?: Record<string, Property>;
  required?: string[];
  $defs?: Record<string, Property>;
}

export interface Field {
  name: string;
  kind: "text" | "integer" | "number" | "choice" | "json";
  required: boolean;
  description: string;
  /** What may be chosen, as JSON. */
  options: string[];
  initial: string;
}

export function fieldsOf(schema: ArgumentsSchema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const plain = resolved(property, schema);
    const options = choicesOf(plain);
    return {
      name,
      kind: options.length ? "choice" : kindOf(plain),
      required: schema.required?.includes(name) ?? false,
      description: property.description ?? plain.description ?? "",
      options: options.map((option) => JSON.stringify(option)),
      initial: initialOf(property.default, options.length > 0),
    };
  });
}

/** The arguments of a call.
 * @throws Error that names the field, when what was written is no value of its kind. */
export function argumentsOf(fields: Field[], written: Record<string, string>): Record<string, unknown> {
  const given = fields.filter(({ name, kind, required }) => written[name]?.trim() || (required && kind === "text"));
  return Object.fromEntries(given.map((field) => [field.name, valueOf(field, written[field.name] ?? "")]));
}

function valueOf({ name, kind }: Field, text: string): unknown {
  if (kind === "text") return text;
  if (kind === "integer" || kind === "number") {
    const value = Number(text);
    if (!Number.isFinite(value) || (kind === "integer" && !Number.isInteger(value))) {
      throw new Error(`${name}: “${text}” is no ${kind === "integer" ? "whole number" : "number"}.`);
    }
    return value;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error(`${name}: this is no JSON. Texts stand in quotation marks: ["a", "b"].`);
  }
}

/** The property itself, behind a reference and without the null that makes it optional. */
function resolved(property: Property, { $defs }: ArgumentsSchema): Property {
  const named = property.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  if (named && $defs?.[named]) return $defs[named];
  const kinds = (property.anyOf ?? property.oneOf ?? []).filter(({ type }) => type !== "null");
  return kinds.length === 1 && kinds[0] ? kinds[0] : property;
}

function choicesOf({ enum: listed, const: only, type }: Property): unknown[] {
  if (listed) return listed;
  if (only !== undefined) return [only];
  return type === "boolean" ? [true, false] : [];
}

function kindOf({ type }: Property): Field["kind"] {
  const [kind, ...others] = (Array.isArray(type) ? type : [type]).filter((each) => each !== "null");
  if (others.length) return "json";
  return kind === "string" ? "text" : kind === "integer" || kind === "number" ? kind : "json";
}

function initialOf(value: unknown, chosen: boolean): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string" && !chosen ? value : JSON.stringify(value);
}
