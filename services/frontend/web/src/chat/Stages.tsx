import { several } from "../ui/format";
import type { Reading, Stage } from "./ask";

/** What is being done just now, in words; read out by screen readers when it changes. */
export function StageLine({ stage, reading, collections }: { stage: Stage; reading: Reading | null; collections: string[] }) {
  return (
    <p className="stage" role="status">
      <span className="pulse" aria-hidden />
      {words(stage, reading, collections)}
    </p>
  );
}

function words(stage: Stage, reading: Reading | null, collections: string[]): string {
  switch (stage) {
    case "searching":
      return `Searching ${collections.join(", ")} …`;
    case "reading":
      return `Reading ${reading ? whatIsRead(reading) : "passages"} …`;
    case "writing":
      return "Writing, and checking each claim against its passage …";
    case "checking":
      return "Checking citations …";
  }
}

function whatIsRead({ passages, live }: Reading): string {
  const written = several(Math.max(passages - live, 0), "passage");
  return live ? `${written} and ${several(live, "live result")}` : written;
}
