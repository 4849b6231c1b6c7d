/** A JSON value as a tree that opens and closes. Every text of it is text. */

import { useState } from "preact/hooks";
import { isObject, type Json, stringify } from "../api/json";

const OPEN_DEPTH = 3;
const ITEMS_SHOWN = 100;
const CHARS_SHOWN = 4_000;
/** What is as short as this, and has nothing in it that opens, stands in one line. */
const INLINE_MAX = 56;
/** What AWS's answers carry beside what was asked for; closed until opened. */
const ASIDE = new Set(["SdkHttpMetadata", "SdkResponseMetadata"]);

export function JsonView({ value, label = "JSON" }: { value: Json; label?: string }) {
  return (
    <div class="json" role="region" aria-label={label} tabIndex={0}>
      <Value value={value} depth={0} />
    </div>
  );
}

function Value({ value, depth, name }: { value: Json; depth: number; name?: string }) {
  if (Array.isArray(value)) return <Many name={name} depth={depth} entries={value.map((item, index) => [String(index), item])} isList />;
  if (isObject(value)) return <Many name={name} depth={depth} entries={Object.entries(value)} />;
  return (
    <div class="json-line">
      <Name of={name} />
      <Plain value={value} />
    </div>
  );
}

function Name({ of: name }: { of?: string }) {
  return name === undefined ? null : (
    <>
      <span class="key">{name}</span>
      {": "}
    </>
  );
}

function Plain({ value }: { value: Json }) {
  const [isWhole, setWhole] = useState(false);
  if (typeof value !== "string") return <span class={typeof value === "number" || typeof value === "bigint" ? "number" : "word"}>{stringify(value)}</span>;
  const text = isWhole ? value : value.slice(0, CHARS_SHOWN);
  return (
    <>
      <span class="string">{JSON.stringify(text)}</span>
      {text.length < value.length && <More onClick={() => setWhole(true)} text={`${(value.length - text.length).toLocaleString()} more characters`} />}
    </>
  );
}

function Many({ name, depth, entries, isList = false }: { name?: string; depth: number; entries: [string, Json][]; isList?: boolean }) {
  const [isOpen, setOpen] = useState(!ASIDE.has(name ?? "") && depth < OPEN_DEPTH && (depth === 0 || entries.length <= ITEMS_SHOWN));
  const [shown, setShown] = useState(ITEMS_SHOWN);
  const [start, end] = isList ? ["[", "]"] : ["{", "}"];
  if (!entries.length)
    return (
      <div class="json-line">
        <Name of={name} />
        {start + end}
      </div>
    );
  if (isShort(entries, isList))
    return (
      <div class="json-line">
        <Name of={name} />
        {`${start} `}
        {entries.map(([key, item], index) => (
          <span key={key}>
            <Name of={isList ? undefined : key} />
            <Plain value={item} />
            {index < entries.length - 1 && ", "}
          </span>
        ))}
        {` ${end}`}
      </div>
    );
  return (
    <div>
      <div class="json-line">
        <button class="json-toggle" aria-expanded={isOpen} aria-label={isOpen ? "Close" : "Open"} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "▾" : "▸"}
        </button>
        <Name of={name} />
        {isOpen ? start : <span class="muted">{`${start} ${entries.length} ${isList ? "items" : "fields"} ${end}`}</span>}
      </div>
      {isOpen && (
        <div class="json-kids">
          {entries.slice(0, shown).map(([key, item]) => (
            <Value key={key} value={item} depth={depth + 1} name={key} />
          ))}
          {entries.length > shown && <More onClick={() => setShown(shown + 10 * ITEMS_SHOWN)} text={`${(entries.length - shown).toLocaleString()} more`} />}
        </div>
      )}
      {isOpen && <div class="json-line">{end}</div>}
    </div>
  );
}

function isShort(entries: readonly [string, Json][], isList: boolean): boolean {
  let length = 0;
  for (const [key, item] of entries) {
    if (typeof item === "object" && item !== null) return false;
    length += (isList ? 0 : key.length + 2) + (typeof item === "string" ? item.length + 2 : String(item).length) + 2;
    if (length > INLINE_MAX) return false;
  }
  return true;
}

function More({ onClick, text }: { onClick: () => void; text: string }) {
  return <button class="button bare small" onClick={onClick}>{`… ${text}`}</button>;
}
