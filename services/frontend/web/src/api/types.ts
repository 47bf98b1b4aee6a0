/** Names for the platform's contracts; the shapes are generated from them. */
import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Approval = Schemas["ApprovalView"];
export type CallRecord = Schemas["CallRecord"];
export type CallResult = Schemas["CallResult"];
export type Citation = Schemas["Citation"];
export type Claim = Schemas["Claim"];
export type ClaimEvidence = Schemas["ClaimEvidence"];
export type Collection = Schemas["CountedCollection"];
export type CollectionStatistics = Schemas["CollectionStatistics"];
export type Connector = Schemas["ConnectorView"];
export type Conversation = Schemas["Conversation"];
export type ConversationInFull = Schemas["ConversationInFull"];
export type CreatedKey = Schemas["CreatedKey"];
export type CreateSource = Schemas["CreateSource"];
export type DeletedSource = Schemas["DeletedSource"];
export type DeletedWithReceipt = Schemas["DeletedWithReceipt"];
export type DocumentChunk = Schemas["DocumentChunk"];
export type DocumentProgress = Schemas["DocumentProgress"];
export type Explanation = Schemas["Explanation"];
export type FeedbackRequest = Schemas["FeedbackRequest"];
export type FileObject = Schemas["FileObject"];
export type Job = Schemas["Job"];
export type JobStatus = Schemas["JobStatus"];
export type Key = Schemas["KeyView"];
export type LoggedRequest = Schemas["LoggedRequest"];
export type Model = Schemas["Model"];
export type ModelInFull = Schemas["ModelView"];
export type Passage = Schemas["Passage"];
export type PlatformDocument = Schemas["Document"];
export type PlatformRecord = Schemas["Record"];
export type Receipt = Schemas["Receipt"];
export type RecordedPassage = Schemas["RecordedPassage"];
export type RecordSummary = Schemas["RecordSummary"];
export type ReplicaView = Schemas["ReplicaView"];
export type RequestSummary = Schemas["RequestSummary"];
export type Searched = Schemas["Searched"];
export type SearchResponse = Schemas["SearchResponse"];
export type Session = Schemas["SessionView"];
export type Source = Schemas["Source"];
export type SourceItem = Schemas["SourceItem"];
export type Sync = Schemas["Sync"];
export type SyncChange = Schemas["SyncChange"];
export type SyncPlan = Schemas["SyncPlan"];
export type Tool = Schemas["ToolView"];
export type Turn = Schemas["Turn"];
export type Verification = Schemas["Verification"];

export interface Page<T> {
  data: T[];
  last_id: string | null;
  has_more: boolean;
}

/** What an answer carries beside its text. */
export interface AnswerFacts {
  abstained: boolean;
  searched: Searched;
  timings_ms: Record<string, number>;
  record_id: string | null;
  citations: Citation[];
  claims: Claim[];
}

/** The parts of OpenAI's response object that the pages read. */
export interface AnswerResponse {
  id: string;
  status: "completed" | "incomplete" | "failed" | "in_progress";
  model: string;
  output: { type: string; content?: { type: string; text: string }[] }[];
  previous_response_id: string | null;
  conversation: { id: string } | null;
  error: { message: string } | null;
  ragworks?: AnswerFacts;
}

export function textOf(response: AnswerResponse): string {
  return response.output
    .flatMap((item) => (item.type === "message" ? (item.content ?? []) : []))
    .map((part) => part.text)
    .join("");
}
