import { useId, useMemo, useState, type FormEvent, type ReactNode } from "react";

import { sentence } from "../../api/client";
import { Failure } from "../../ui/states";
import { argumentsOf, fieldsOf, type ArgumentsSchema, type Field } from "./schema";

interface SchemaFormProps {
  schema: ArgumentsSchema;
  busy: boolean;
  action: string;
  onSubmit: (values: Record<string, unknown>) => void;
  children?: ReactNode;
}

/** A form for what a JSON Schema describes. */
export function SchemaForm({ schema, busy, action, onSubmit, children }: SchemaFormProps) {
  const fields = useMemo(() => fieldsOf(schema), [schema]);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setFailure(null);
    try {
      onSubmit(argumentsOf(fields, Object.fromEntries(fields.map(({ name }) => [name, String(form.get(name) ?? "")]))));
    } catch (error) {
      setFailure(sentence(error));
    }
  };
  return (
    <form className="schema-form" onSubmit={submit}>
      {fields.length === 0 && <p className="muted">It takes no arguments.</p>}
      {fields.map((field) => (
        <SchemaField key={field.name} field={field} />
      ))}
      {children}
      {failure && <Failure message={failure} />}
      <div>
        <button type="submit" className="button primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}

function SchemaField({ field }: { field: Field }) {
  const { name, kind, required, description, options, initial } = field;
  const help = useId();
  const same = { name, required, defaultValue: initial, "aria-describedby": help };
  return (
    <div>
      <label>
        {name} <span className="muted">{required ? "" : "optional"}</span>
        {kind === "choice" ? (
          <select {...same}>
            <option value=""> </option>
            {options.map((option) => (
              <option key={option} value={option}>
                {wordOf(option)}
              </option>
            ))}
          </select>
        ) : kind === "json" ? (
          <textarea {...same} rows={3} placeholder="JSON" spellCheck={false} />
        ) : (
          <input {...same} inputMode={kind === "text" ? "text" : "decimal"} autoComplete="off" />
        )}
      </label>
      <p id={help} className="muted field-help">
        {description || KINDS[kind]}
      </p>
    </div>
  );
}

const KINDS: Record<Field["kind"], string> = {
  text: "A text.",
  integer: "A whole number.",
  number: "A number.",
  choice: "One of these.",
  json: "A list or an object, as JSON.",
};

function wordOf(option: string): string {
  const value: unknown = JSON.parse(option);
  return typeof value === "string" ? value : option;
}
