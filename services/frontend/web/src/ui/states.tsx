/** How a page says that it waits, that something failed, or that there is nothing. */
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

export function Busy({ what }: { what: string }) {
  return (
    <p className="stage" role="status">
      <span className="pulse" aria-hidden />
      {what} …
    </p>
  );
}

export function Failure({ message, children }: { message: string; children?: ReactNode }) {
  return (
    <div className="notice bad" role="alert">
      <TriangleAlert aria-hidden />
      <div>
        {message}
        {children && <div className="notice-actions">{children}</div>}
      </div>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p>
        <strong>{title}</strong>
      </p>
      {children}
    </div>
  );
}
