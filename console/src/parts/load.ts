/** Loading what a page shows: again when the address changes, when events may have been missed, or when asked. */

import { useEffect, useState } from "preact/hooks";
import { epoch } from "../api/live";

export interface Loaded<T> { value?: T; error?: Error; reload: () => void; set: (change: (value: T) => T) => void }

export function useLoad<T>(load: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<{ value?: T; error?: Error }>({});
  const [count, setCount] = useState(0);
  const age = epoch.value;
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setState({ value }),
      (error: Error) => isCurrent && setState((old) => ({ ...old, error })),
    );
    return () => void (isCurrent = false);
  }, [...keys, count, age]);
  useEffect(() => setState({}), keys);
  return {
    ...state,
    reload: () => setCount((one) => one + 1),
    set: (change) => setState((old) => (old.value === undefined ? old : { value: change(old.value) })),
  };
}
