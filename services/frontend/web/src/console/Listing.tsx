import { useInfiniteQuery, type InfiniteData, type UseInfiniteQueryOptions } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { sentence } from "../api/client";
import type { Page } from "../api/types";
import { Busy, Empty, Failure } from "../ui/states";

export interface Column<T> {
  name: string;
  show: (item: T) => ReactNode;
  numeric?: boolean;
  /** Text of any length, which wraps. */
  wide?: boolean;
}

interface ListingProps<T> {
  query: UseInfiniteQueryOptions<Page<T>, Error, InfiniteData<Page<T>>, readonly unknown[], string | null>;
  label: string;
  empty: string;
  columns: Column<T>[];
  keyOf: (item: T) => string;
  refreshMs?: number;
}

/** A table that asks for its rows page by page, however many there are. */
export function Listing<T>({ query, label, empty, columns, keyOf, refreshMs }: ListingProps<T>) {
  const listed = useInfiniteQuery({ ...query, ...(refreshMs ? { refetchInterval: refreshMs } : {}) });
  if (listed.isPending) return <Busy what={`Loading ${label.toLowerCase()}`} />;
  if (listed.isError) return <Failure message={sentence(listed.error)} />;
  const rows = listed.data.pages.flatMap((page) => page.data);
  if (!rows.length) return <Empty title={empty} />;
  return (
    <>
      <Table label={label} columns={columns} rows={rows} keyOf={keyOf} />
      {listed.hasNextPage && (
        <button type="button" className="button" disabled={listed.isFetchingNextPage} onClick={() => void listed.fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}

interface TableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (item: T) => string;
}

export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={label}>
      <table className="listing">
        <thead>
          <tr>
            {columns.map(({ name, numeric }) => (
              <th key={name} scope="col" className={numeric ? "numeric" : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ name, show, numeric, wide }) => (
                <td key={name} className={numeric ? "numeric" : wide ? "wide" : undefined}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Names and their values. */
export function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
