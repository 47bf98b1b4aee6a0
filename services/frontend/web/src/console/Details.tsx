import type { ReactNode } from "react";

/** Text from outside as it is: it is never read as anything else. */
export function PlainText({ text, label }: { text: string; label: string }) {
  return (
    <pre className="plain-text" tabIndex={0} role="region" aria-label={label} dir="auto">
      {text}
    </pre>
  );
}

export function JsonText({ value, label }: { value: unknown; label: string }) {
  return <PlainText text={JSON.stringify(value, null, 2) ?? ""} label={label} />;
}

/** Something that is only looked at now and then. */
export function Folded({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="folded">
      <summary>{title}</summary>
      {children}
    </details>
  );
}
