/** Server-sent events over fetch: `EventSource` can neither post nor send a header. */

export interface ServerEvent {
  event: string;
  data: string;
}

/** Cuts a stream into events, whatever pieces it comes in. */
export class EventParser {
  private rest = "";

  feed(piece: string): ServerEvent[] {
    this.rest += piece;
    // A carriage return at the very end may be half of a line end.
    const whole = this.rest.endsWith("\r") ? this.rest.slice(0, -1) : this.rest;
    const blocks = whole.replace(/\r\n?/g, "\n").split("\n\n");
    const last = blocks.pop() ?? "";
    this.rest = last + this.rest.slice(whole.length);
    return blocks.map(readBlock).filter((event) => event !== null);
  }
}

/** The events of a response, until it ends. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function readBlock(block: string): ServerEvent | null {
  let event = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) event = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
  }
  return data.length ? { event, data: data.join("\n") } : null;
}
