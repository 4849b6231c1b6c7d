"""`/docs`: the OpenAPI document as one page of HTML, rendered here. No script, no third party, works offline."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from html import escape

from conductor_local.payload import Json

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
details { border: 1px solid var(--line); border-radius: 6px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: var(--soft); padding: .6rem .8rem; overflow-x: auto; border-radius: 6px; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-top: 1px solid var(--line); }
.method { display: inline-block; min-width: 4.5rem; font-weight: 600; }
""".strip()
_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
SECURITY_HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}


def page(document: dict[str, Json]) -> str:
    """Render the document. Every text of it is escaped."""
    about = document["info"]
    title = f"{about['title']} {about['version']}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f'<p>{escape(about["description"])} For programs: <a href="/openapi.json">openapi.json</a>.</p>'
        f"{''.join(_sections(document))}<h2>Schemas</h2>{''.join(_schemas(document))}</body></html>"
    )


def _sections(document: dict[str, Json]) -> Iterator[str]:
    by_tag: dict[str, list[str]] = {}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            by_tag.setdefault(operation["tags"][0], []).append(_operation(method, path, operation))
    for tag, operations in by_tag.items():
        yield f"<h2>{escape(tag)}</h2>{''.join(operations)}"


def _operation(method: str, path: str, operation: Json) -> str:
    head = f'<span class="method">{escape(method.upper())}</span><code>{escape(path)}</code> {escape(operation["summary"])}'
    parts = [f"<p>{escape(operation.get('description', ''))}</p>"]
    if parameters := operation.get("parameters"):
        rows = ((f"{one['name']} ({one['in']})", _kind(one["schema"]), one.get("description", "")) for one in parameters)
        parts.append(f"<h3>Parameters</h3>{_table(rows)}")
    if body := operation.get("requestBody"):
        content = body["content"]["application/json"]
        rows = (
            (name, _kind(field), field.get("description", "")) for name, field in content["schema"].get("properties", {}).items()
        )
        parts.append(f"<h3>Body</h3>{_table(rows)}{_sample(content['example'])}")
    parts.append("<h3>Answers</h3>")
    parts.extend(_answer(status, answer) for status, answer in operation["responses"].items())
    return f'<details id="{escape(operation["operationId"])}"><summary>{head}</summary>{"".join(parts)}</details>'


def _answer(status: str, answer: Json) -> str:
    contents = answer.get("content") or {}
    kinds = ", ".join(f"{media_type}: {_kind(content['schema'])}" for media_type, content in contents.items())
    text = f"<p><strong>{escape(status)}</strong> {escape(answer['description'])} <code>{escape(kinds)}</code></p>"
    if not status.startswith("2"):
        return text
    return text + "".join(_sample(content["example"]) for content in contents.values() if "example" in content)


def _schemas(document: dict[str, Json]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        rows = ((field, _kind(shape), shape.get("description", "")) for field, shape in schema.get("properties", {}).items())
        yield f"<details><summary><code>{escape(name)}</code></summary>{_table(rows)}</details>"


def _table(rows: Iterator[tuple[str, str, str]]) -> str:
    cells = (f"<tr><td><code>{escape(a)}</code></td><td>{escape(b)}</td><td>{escape(c)}</td></tr>" for a, b, c in rows)
    return f"<table>{''.join(cells)}</table>"


def _sample(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return f"<pre>{escape(text)}</pre>"


def _kind(schema: Json) -> str:
    """Say in a few words what a schema allows."""
    if reference := schema.get("$ref"):
        return str(reference).rpartition("/")[2]
    if choices := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(_kind(one) for one in choices)
    kind = schema.get("type", "any")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
