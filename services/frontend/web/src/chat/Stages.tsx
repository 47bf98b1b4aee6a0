import type { Stage } from "./ask";

/** What is being done just now, in words; read out by screen readers when it changes. */
export function StageLine({ stage, passages, collections }: { stage: Stage; passages: number | null; collections: string[] }) {
  return (
    <p className="stage" role="status">
      <span className="pulse" aria-hidden />
      {words(stage, passages, collections)}
    </p>
  );
}

function words(stage: Stage, passages: number | null, collections: string[]): string {
  switch (stage) {
    case "searching":
      return `Searching ${collections.join(", ")} …`;
    case "reading":
      return passages === null ? "Reading passages …" : `Reading ${passages} ${passages === 1 ? "passage" : "passages"} …`;
    case "writing":
      return "Writing, and checking each claim against its passage …";
    case "checking":
      return "Checking citations …";
  }
}
