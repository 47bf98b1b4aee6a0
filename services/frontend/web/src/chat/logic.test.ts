import { describe, expect, it } from "vitest";

import { EventParser } from "../api/eventStream";
import type { Turn } from "../api/types";
import { BlockCutter } from "./blocks";
import { browserIndexes, findQuote } from "./places";
import { choose, shownTurns, turnsBefore } from "./turns";

describe("event streams", () => {
  const stream = 'event: a\r\ndata: {"x": 1}\r\n\r\n: comment\n\ndata: one\ndata: two\n\n';
  const events = [
    { event: "a", data: '{"x": 1}' },
    { event: "message", data: "one\ntwo" },
  ];

  it("are read whole", () => expect(new EventParser().feed(stream)).toEqual(events));

  it("are read the same however they are cut", () => {
    for (let cut = 1; cut < stream.length; cut++) {
      const parser = new EventParser();
      expect([...parser.feed(stream.slice(0, cut)), ...parser.feed(stream.slice(cut))]).toEqual(events);
    }
  });

  it("hold back what has not ended", () => expect(new EventParser().feed("data: half")).toEqual([]));
});

describe("growing Markdown", () => {
  const text = "# Head\n\nSome text.\n\n- one\n\n- two\n\n```\ncode\n\nmore\n```\n\nAt last, the end.";
  const whole = ["# Head\n\n", "Some text.\n\n", "- one\n\n- two\n\n", "```\ncode\n\nmore\n```\n\n", "At last, the end."];

  it("is cut at blank lines outside of code and lists", () => expect(new BlockCutter().cut(text)).toEqual(whole));

  it("is cut the same when it comes a character at a time, and settled blocks stay as they are", () => {
    const cutter = new BlockCutter();
    let blocks: string[] = [];
    for (let end = 1; end <= text.length; end++) blocks = cutter.cut(text.slice(0, end));
    expect(blocks).toEqual(whole);
  });
});

describe("places in text", () => {
  it("count characters, not UTF-16 units", () => expect(browserIndexes("a😀b😀c", [0, 1, 2, 4, 5])).toEqual([0, 1, 3, 6, 7]));

  it("are found where the quote stands", () => expect(findQuote("😀 one two", "two", 6, 9)).toEqual({ start: 7, end: 10 }));

  it("are looked for when the document has changed", () => {
    expect(findQuote("new words, one two", "two", 4, 7)).toEqual({ start: 15, end: 18 });
    expect(findQuote("other", "two", 0, 3)).toBeNull();
  });
});

describe("branches of a conversation", () => {
  const turn = (id: string, previous: string | null): Turn => ({
    response_id: id,
    previous_response_id: previous,
    created_at: "2026-01-01T00:00:00Z",
    deleted: false,
    messages: [],
  });
  const said = [turn("a", null), turn("b1", "a"), turn("b2", "a"), turn("c", "b1")];
  const ids = (chosen: ReadonlyMap<string, string>) => shownTurns(said, chosen).map((shown) => shown.turn.response_id);

  it("show the newest version where nothing was chosen", () => expect(ids(new Map())).toEqual(["a", "b2"]));

  it("show the chosen version with what follows it", () => expect(ids(choose(new Map(), turn("b2", "a"), "b1"))).toEqual(["a", "b1", "c"]));

  it("end before a question that is asked again", () => {
    expect(turnsBefore(shownTurns(said, new Map()), "a").map((shown) => shown.turn.response_id)).toEqual(["a"]);
    expect(turnsBefore(shownTurns(said, new Map()), null)).toEqual([]);
  });
});
