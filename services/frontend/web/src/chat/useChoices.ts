/** What questions are asked of: collections, live data, and a model; remembered in the browser. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import * as queries from "../api/queries";
import type { Connector } from "../api/types";

export interface Choices {
  /** Names of every collection there is; null while that is not known. */
  available: string[] | null;
  collections: string[];
  setCollections: (names: string[]) => void;
  /** Connectors whose tools can be called for a question. */
  connectors: Connector[];
  live: string[];
  setLive: (names: string[]) => void;
  /** Models that may be chosen beside the platform's default. */
  models: string[];
  model: string | null;
  setModel: (model: string | null) => void;
}

const COLLECTIONS_KEY = "ragworks.collections";
const LIVE_KEY = "ragworks.live";
const MODEL_KEY = "ragworks.model";

export function useChoices(): Choices {
  const found = useQuery(queries.collections());
  const listed = useQuery(queries.models());
  const connected = useQuery({ ...queries.connectors(), retry: false });
  const [wanted, setWanted] = useState(() => remembered(COLLECTIONS_KEY));
  const [wantedLive, setWantedLive] = useState(() => remembered(LIVE_KEY));
  const [model, setModel] = useState(() => localStorage.getItem(MODEL_KEY));

  const available = found.data?.filter((each) => !each.version_of).map((each) => each.name) ?? null;
  const existing = wanted.filter((name) => available?.includes(name) ?? true);
  const collections = existing.length ? existing : (available ?? []).slice(0, 1);
  // One that fails just now stays chosen: a question that needs it must say so, not be answered as if it was not.
  const live = connected.data ? wantedLive.filter((name) => connected.data.some((each) => each.name === name)) : wantedLive;
  // The platform's own entries are its collections and its embedding model; what can write is the engine's.
  const plain = (listed.data ?? []).filter((each) => each.owned_by !== "ragworks").map((each) => each.id);
  // With a model of one's own the API searches one collection.
  const models = plain.length > 1 && collections.length === 1 ? plain : [];
  return {
    available,
    collections,
    setCollections: (names) => {
      localStorage.setItem(COLLECTIONS_KEY, names.join("+"));
      setWanted(names);
    },
    connectors: connected.data ?? [],
    live,
    setLive: (names) => {
      localStorage.setItem(LIVE_KEY, names.join("+"));
      setWantedLive(names);
    },
    models,
    model: model !== null && models.includes(model) ? model : null,
    setModel: (name) => {
      if (name === null) localStorage.removeItem(MODEL_KEY);
      else localStorage.setItem(MODEL_KEY, name);
      setModel(name);
    },
  };
}

function remembered(key: string): string[] {
  return (localStorage.getItem(key) ?? "").split("+").filter(Boolean);
}
