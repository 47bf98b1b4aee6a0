import { useMemo, useRef } from "react";

type Functions<T> = { [Name in keyof T]: (...given: never[]) => void };

/** The same functions for the life of a component, whatever they close over now: what they are given to need not be drawn anew. */
export function useStable<T extends Functions<T>>(functions: T): T {
  const latest = useRef(functions);
  latest.current = functions;
  const names = Object.keys(functions).join();
  return useMemo(() => {
    const stable = names.split(",").map((name) => [name, (...given: never[]) => latest.current[name as keyof T](...given)]);
    return Object.fromEntries(stable) as T;
  }, [names]);
}
