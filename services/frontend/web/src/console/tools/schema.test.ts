import { describe, expect, it } from "vitest";

import { argumentsOf, fieldsOf, type ArgumentsSchema } from "./schema";

const SCHEMA: ArgumentsSchema = {
  properties: {
    order: { type: "string", description: "Its number." },
    most: { anyOf: [{ type: "integer" }, { type: "null" }], default: 5 },
    state: { $ref: "#/$defs/State" },
    all: { type: "boolean" },
    tags: { type: "array" },
  },
  required: ["order"],
  $defs: { State: { enum: ["open", "shipped"] } },
};
const NOTHING = { order: "A-17", most: "", state: "", all: "", tags: "" };

describe("a form for a tool's arguments", () => {
  const fields = fieldsOf(SCHEMA);

  it("has a field of the right kind for each of them", () => {
    expect(fields.map(({ kind }) => kind)).toEqual(["text", "integer", "choice", "choice", "json"]);
    expect(fields.map(({ required }) => required)).toEqual([true, false, false, false, false]);
    expect(fields[1]?.initial).toBe("5");
    expect(fields[2]?.options).toEqual(['"open"', '"shipped"']);
  });

  it("leaves out what is not given", () => expect(argumentsOf(fields, NOTHING)).toEqual({ order: "A-17" }));

  it("makes values of what is written", () => {
    const written = { order: "17", most: "3", state: '"open"', all: "true", tags: '["a"]' };
    expect(argumentsOf(fields, written)).toEqual({ order: "17", most: 3, state: "open", all: true, tags: ["a"] });
  });

  it("names the field that is no value", () => {
    expect(() => argumentsOf(fields, { ...NOTHING, most: "3.5" })).toThrow("most: “3.5” is no whole number.");
    expect(() => argumentsOf(fields, { ...NOTHING, tags: "a" })).toThrow("tags: this is no JSON");
  });
});
