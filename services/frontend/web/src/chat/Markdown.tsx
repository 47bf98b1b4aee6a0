/** Markdown of a model, which is hostile: no HTML, no pictures from elsewhere, only harmless addresses. */
import { memo, useMemo, useRef, type ReactNode } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";

import { CopyButton } from "../ui/CopyButton";
import { BlockCutter } from "./blocks";
import type { Span } from "./places";
import { rehypeEvidence } from "./rehypeEvidence";
import { remarkHtmlAsText } from "./remarkHtmlAsText";

export interface Evidence {
  doubtful: Span[];
  /** Opens the source of a citation; null while the answer is being written. */
  onCite: ((number: number) => void) | null;
  onDoubt: (() => void) | null;
}

const NONE: Evidence = { doubtful: [], onCite: null, onDoubt: null };

export const Markdown = memo(function Markdown({ text, evidence = NONE }: { text: string; evidence?: Evidence }) {
  const components = useMemo(() => componentsFor(evidence), [evidence]);
  return (
    <ReactMarkdown
      remarkPlugins={[remarkGfm, remarkHtmlAsText]}
      rehypePlugins={[rehypeSanitize, [rehypeEvidence, { doubtful: evidence.doubtful }]]}
      components={components}
    >
      {text}
    </ReactMarkdown>
  );
});

/** Markdown that grows: what is settled is not parsed again. */
export function GrowingMarkdown({ text }: { text: string }) {
  const cutter = useRef(new BlockCutter());
  const blocks = useMemo(() => cutter.current.cut(text), [text]);
  return blocks.map((block, index) => <Markdown key={index} text={block} />);
}

function componentsFor({ onCite, onDoubt }: Evidence): Components {
  return {
    a: ({ href, children }) => (
      <a href={href} target="_blank" rel="noreferrer noopener">
        {children}
      </a>
    ),
    img: ({ alt }) => <span className="muted">[picture{alt ? `: ${alt}` : ""}]</span>,
    pre: CodeBlock,
    table: ({ children }) => (
      <div className="scroll-x" tabIndex={0} role="region" aria-label="Table">
        <table>{children}</table>
      </div>
    ),
    span: ({ node, children }) => {
      const { dataCite, dataUnverified, dataDoubtful } = node?.properties ?? {};
      if (typeof dataCite === "string") return <CiteMark number={Number(dataCite)} onCite={onCite} />;
      if (typeof dataUnverified === "string") return <DoubtMark values={dataUnverified} onDoubt={onDoubt} />;
      return dataDoubtful ? <span className="doubtful">{children}</span> : <span>{children}</span>;
    },
  };
}

function CodeBlock({ children }: { children?: ReactNode }) {
  const box = useRef<HTMLPreElement>(null);
  return (
    <div className="code-block">
      <pre ref={box} tabIndex={0}>
        {children}
      </pre>
      <CopyButton label="Copy code" text={() => box.current?.textContent ?? ""} />
    </div>
  );
}

function CiteMark({ number, onCite }: { number: number; onCite: Evidence["onCite"] }) {
  if (!onCite) return <span className="cite">{number}</span>;
  return (
    <button type="button" className="cite" aria-label={`Source ${number}`} onClick={() => onCite(number)}>
      {number}
    </button>
  );
}

function DoubtMark({ values, onDoubt }: { values: string; onDoubt: Evidence["onDoubt"] }) {
  const text = values ? `unverified: ${values}` : "unverified";
  if (!onDoubt) return <span className="doubt">{text}</span>;
  return (
    <button type="button" className="doubt" onClick={onDoubt}>
      {text}
    </button>
  );
}
