/** Requests to the platform: the session's cookie goes along, errors become sentences that say what to do. */

const PAGE_HEADER = { "x-ragworks-page": "1" };

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
  ) {
    super(message);
  }
}

/** Told whenever the platform says that nobody is signed in. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(tell: () => void): void {
  onSignedOut = tell;
}

export interface Sent {
  method?: string;
  json?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The response, when it is a good one.
 * @throws ApiError with the platform's own words otherwise. */
export async function send(path: string, { method, json, headers, signal }: Sent = {}): Promise<Response> {
  const request: RequestInit = {
    method: method ?? (json === undefined ? "GET" : "POST"),
    headers: { ...PAGE_HEADER, ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers },
    credentials: "same-origin",
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(signal ? { signal } : {}),
  };
  const response = await fetch(path, request).catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable();
  });
  if (!response.ok) throw await asError(response);
  return response;
}

export async function getJson<T>(path: string, sent?: Sent): Promise<T> {
  return (await (await send(path, sent)).json()) as T;
}

export function queryString(fields: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString()}` : "";
}

/** Saves what a path answers as a file: the cookie counts only with our header, so a plain link would be refused. */
export async function download(path: string, filename: string): Promise<void> {
  const blob = await (await send(path)).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function unreachable(): ApiError {
  return new ApiError("The platform does not answer. Is it running? 'ragworks status' tells; then try again.", 0, "unreachable");
}

async function asError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as { error?: { message?: string; code?: string } } | null;
  const message = body?.error?.message ?? `The platform answered with HTTP ${response.status}. Try again in a moment.`;
  if (response.status === 401) onSignedOut();
  return new ApiError(message, response.status, body?.error?.code ?? "unknown");
}

export const pageHeader = PAGE_HEADER;
