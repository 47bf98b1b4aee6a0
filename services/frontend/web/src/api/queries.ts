/** Reads of the platform, by name; the console and the chat share their cache. */
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { getJson, queryString } from "./client";
import type {
  AnswerResponse,
  Approval,
  CallRecord,
  Collection,
  CollectionStatistics,
  Connector,
  Conversation,
  ConversationInFull,
  DocumentChunk,
  DocumentProgress,
  Job,
  Key,
  LoggedRequest,
  Model,
  ModelInFull,
  Page,
  PlatformDocument,
  PlatformRecord,
  Receipt,
  RecordSummary,
  RequestSummary,
  Session,
  Source,
  SourceItem,
  Sync,
  SyncChange,
  Tool,
} from "./types";

const PAGE_SIZE = 50;

export const session = () => queryOptions({ queryKey: ["session"], queryFn: () => getJson<Session>("/api/session"), retry: false });

export const collections = () =>
  queryOptions({
    queryKey: ["collections"],
    queryFn: async () => {
      const all: Collection[] = [];
      for (let after: string | null = null; ; ) {
        const page: Page<Collection> = await getJson(`/api/collections${queryString({ limit: 100, after })}`);
        all.push(...page.data);
        if (!page.has_more) return all.sort((one, other) => one.name.localeCompare(other.name));
        after = page.last_id;
      }
    },
  });

export const models = () =>
  queryOptions({ queryKey: ["models"], queryFn: async () => (await getJson<{ data: Model[] }>("/v1/models")).data });

export const conversation = (id: string) =>
  queryOptions({
    queryKey: ["conversation", id],
    queryFn: () => getJson<ConversationInFull>(`/api/conversations/${encodeURIComponent(id)}`),
  });

export const answer = (responseId: string) =>
  queryOptions({
    queryKey: ["answer", responseId],
    queryFn: () => getJson<AnswerResponse>(`/v1/responses/${encodeURIComponent(responseId)}`),
    staleTime: Infinity,
  });

export const record = (id: string) =>
  queryOptions({
    queryKey: ["record", id],
    queryFn: () => getJson<PlatformRecord>(`/api/records/${encodeURIComponent(id)}`),
    staleTime: Infinity,
    retry: false,
  });

export const collection = (name: string) =>
  queryOptions({ queryKey: ["collection", name], queryFn: () => getJson<Collection>(`/api/collections/${encodeURIComponent(name)}`) });

export const statistics = (name: string) =>
  queryOptions({
    queryKey: ["statistics", name],
    queryFn: () => getJson<CollectionStatistics>(`/api/collections/${encodeURIComponent(name)}/statistics`),
  });

export const platformDocument = (id: string) =>
  queryOptions({ queryKey: ["document", id], queryFn: () => getJson<PlatformDocument>(`/api/documents/${encodeURIComponent(id)}`) });

export const job = (id: string) =>
  queryOptions({ queryKey: ["job", id], queryFn: () => getJson<Job>(`/api/jobs/${encodeURIComponent(id)}`) });

export const receipt = (id: string) =>
  queryOptions({ queryKey: ["receipt", id], queryFn: () => getJson<Receipt>(`/api/receipts/${encodeURIComponent(id)}`) });

export const source = (name: string) =>
  queryOptions({ queryKey: ["source", name], queryFn: () => getJson<Source>(`/api/sources/${encodeURIComponent(name)}`) });

export const sync = (id: string) =>
  queryOptions({ queryKey: ["sync", id], queryFn: () => getJson<Sync>(`/api/syncs/${encodeURIComponent(id)}`) });

export const connectors = () =>
  queryOptions({
    queryKey: ["connectors"],
    queryFn: async () => (await getJson<{ connectors: Connector[] }>("/api/connectors")).connectors,
    // Each is asked how it is: not at every step.
    staleTime: 120_000,
  });

export const tools = () => queryOptions({ queryKey: ["tools"], queryFn: async () => (await getJson<{ tools: Tool[] }>("/api/tools")).tools });

export const tool = (name: string) =>
  queryOptions({ queryKey: ["tool", name], queryFn: () => getJson<Tool>(`/api/tools/${encodeURIComponent(name)}`) });

export const approvals = () =>
  queryOptions({
    queryKey: ["approvals"],
    queryFn: async () => (await getJson<{ approvals: Approval[] }>("/api/tool-approvals")).approvals,
    staleTime: 0,
  });

export const toolCalls = (limit: number) =>
  queryOptions({
    queryKey: ["toolCalls", limit],
    queryFn: async () => (await getJson<{ calls: CallRecord[] }>(`/api/tool-calls${queryString({ limit })}`)).calls,
  });

export const loggedRequest = (id: string) =>
  queryOptions({
    queryKey: ["request", id],
    queryFn: () => getJson<LoggedRequest>(`/api/inference/requests/${encodeURIComponent(id)}`),
  });

export const fleet = () =>
  queryOptions({ queryKey: ["fleet"], queryFn: async () => (await getJson<{ models: ModelInFull[] }>("/api/models")).models });

export const keys = () => queryOptions({ queryKey: ["keys"], queryFn: async () => (await getJson<{ data: Key[] }>("/api/keys")).data });

/** What a listing is asked for; what is undefined or empty does not matter. */
export type Wanted = Record<string, string | undefined>;

/** A listing, page by page. */
function listing<T>(key: readonly unknown[], path: string, fields: Wanted = {}) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => getJson<Page<T>>(path + queryString({ ...fields, limit: PAGE_SIZE, after: pageParam })),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => (last.has_more ? last.last_id : null),
  });
}

export const conversations = () => listing<Conversation>(["conversations"], "/api/conversations");

export const documents = (name: string) => listing<PlatformDocument>(["documents", name], "/api/documents", { collection: name });

export const chunks = (id: string) => listing<DocumentChunk>(["chunks", id], `/api/documents/${encodeURIComponent(id)}/chunks`);

export const jobs = (status?: string) => listing<Job>(["jobs", status ?? ""], "/api/jobs", { status });

export const jobDocuments = (id: string, status: string) =>
  listing<DocumentProgress>(["jobDocuments", id, status], `/api/jobs/${encodeURIComponent(id)}/documents`, { status });

export const sources = () => listing<Source>(["sources"], "/api/sources");

export const sourceItems = (name: string, status?: string) =>
  listing<SourceItem>(["sourceItems", name, status ?? ""], `/api/sources/${encodeURIComponent(name)}/items`, { status });

export const syncs = (name: string) => listing<Sync>(["syncs", name], `/api/sources/${encodeURIComponent(name)}/syncs`);

export const syncChanges = (id: string, change?: string) =>
  listing<SyncChange>(["syncChanges", id, change ?? ""], `/api/syncs/${encodeURIComponent(id)}/changes`, { change });

export const records = (wanted: Wanted) => listing<RecordSummary>(["records", wanted], "/api/records", wanted);

export const requests = (wanted: Wanted) => listing<RequestSummary>(["requests", wanted], "/api/inference/requests", wanted);
