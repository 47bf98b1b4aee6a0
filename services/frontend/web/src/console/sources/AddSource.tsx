import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { getJson, sentence } from "../../api/client";
import * as queries from "../../api/queries";
import type { Source } from "../../api/types";
import { Dialog } from "../../ui/Dialog";
import { Failure } from "../../ui/states";
import { makeCollection } from "../../upload/upload";
import { Habits } from "./Habits";
import { KINDS, sourceOf, type Kind } from "./places";

/** Declares a source; nothing is read before its first plan or sync. */
export function AddSource({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const add = useMutation({
    mutationFn: async (form: FormData) => {
      const wanted = sourceOf(form);
      const known = await client.fetchQuery({ ...queries.collections(), staleTime: 0 });
      if (!known.some(({ name }) => name === wanted.collection)) await makeCollection(wanted.collection);
      return getJson<Source>("/api/sources", { json: wanted });
    },
    onSuccess: async (source) => {
      await client.invalidateQueries({ queryKey: ["sources"] });
      await client.invalidateQueries({ queryKey: ["collections"] });
      await navigate(`/console/sources/${source.name}`);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    add.mutate(new FormData(event.currentTarget));
  };
  return (
    <Dialog title="Add a source" onClose={onClose}>
      <form className="schema-form" onSubmit={submit}>
        <Names />
        <Place />
        <Habits />
        {add.isError && <Failure message={sentence(add.error)} />}
        <div className="dialog-actions">
          <button type="submit" className="button primary" disabled={add.isPending}>
            Add the source
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const NAME = "[a-z0-9][a-z0-9._\\-]{0,62}";

function Names() {
  const collections = useQuery(queries.collections());
  return (
    <>
      <label>
        Name
        <input name="name" required pattern={NAME} title="Small letters, digits, dots and dashes" autoComplete="off" />
      </label>
      <label>
        Collection <span className="muted">made when there is none of this name</span>
        <input name="collection" required pattern={NAME} title="Small letters, digits, dots and dashes" list="source-collections" autoComplete="off" />
      </label>
      <datalist id="source-collections">
        {collections.data?.map(({ id, name }) => <option key={id} value={name} />)}
      </datalist>
    </>
  );
}

function Place() {
  const [kind, setKind] = useState<Kind>("folder");
  const [, , help, example] = KINDS.find(([each]) => each === kind) ?? KINDS[0];
  return (
    <>
      <label>
        Kind
        <select name="kind" value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map(([each, words]) => (
            <option key={each} value={each}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <label>
        {help}
        <input name="place" required placeholder={example} autoComplete="off" />
      </label>
      {kind === "git" && (
        <label>
          Branch <span className="muted">optional</span>
          <input name="branch" autoComplete="off" />
        </label>
      )}
      {kind === "bucket" && (
        <label>
          Endpoint <span className="muted">of a store that is not Amazon&apos;s, optional</span>
          <input name="endpoint" placeholder="https://" autoComplete="off" />
        </label>
      )}
    </>
  );
}
