/** Filters of a listing; they stand in the page's address, so that a filtered list can be linked to. */
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";

import type { Wanted } from "../api/queries";

export interface Filter {
  name: string;
  label: string;
  kind: "text" | "time" | "choice";
  /** Values that can be chosen, with their words. */
  options?: readonly (readonly [string, string])[];
}

interface FieldProps {
  filter: Filter;
  value: string;
  onChange: (value: string) => void;
}

export function Filters({ filters }: { filters: Filter[] }) {
  const [parameters, setParameters] = useSearchParams();
  const change = (name: string, value: string) => {
    const changed = new URLSearchParams(parameters);
    if (value) changed.set(name, value);
    else changed.delete(name);
    setParameters(changed, { replace: true });
  };
  const given = filters.some(({ name }) => parameters.get(name));
  return (
    <form className="search-form" role="search" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      {filters.map((filter) => {
        const Field = filter.kind === "choice" ? Choice : TypedIn;
        return <Field key={filter.name} filter={filter} value={parameters.get(filter.name) ?? ""} onChange={(value) => change(filter.name, value)} />;
      })}
      {given && (
        <button type="button" className="button quiet" onClick={() => setParameters({}, { replace: true })}>
          Show all
        </button>
      )}
    </form>
  );
}

/** What the filters ask the platform for. */
export function useWanted(filters: Filter[]): Wanted {
  const [parameters] = useSearchParams();
  return Object.fromEntries(
    filters.flatMap(({ name, kind }) => {
      const value = parameters.get(name);
      return value ? [[name, kind === "time" ? asMoment(value) : value]] : [];
    }),
  );
}

/** The browser's local time as one that says its zone. */
function asMoment(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}

function Choice({ filter, value, onChange }: FieldProps) {
  return (
    <label>
      {filter.label}
      <select value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">any</option>
        {filter.options?.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Asks once what is typed is complete: at Enter, or when the field is left. */
function TypedIn({ filter, value, onChange }: FieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <label>
      {filter.label}
      <input
        type={filter.kind === "time" ? "datetime-local" : "search"}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => onChange(text.trim())}
        onKeyDown={(event) => event.key === "Enter" && onChange(text.trim())}
      />
    </label>
  );
}
