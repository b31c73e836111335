"""The REST API's own page, /api/docs: its OpenAPI document as HTML that loads nothing, from here or elsewhere."""

import json
from html import escape
from typing import Any

STYLE = """:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 800px; margin: 32px auto; padding: 0 16px;
color: light-dark(#1d1d26, #ecebf2); background: light-dark(#fff, #14141b) } h2 { margin-top: 40px; font-size: 18px } code, pre { font-size: 14px }
pre { background: light-dark(#f4f4f8, #22222d); padding: 16px; border-radius: 8px; overflow-x: auto } a { color: light-dark(#3d3fc4, #9da2ff) }
.way { background: light-dark(#eef0f6, #2a2b37); border-radius: 8px; padding: 0 8px; margin-right: 8px } dt { font-weight: 600 } dd { margin: 0 0 8px }"""
CURL = {
    "application/json": "curl {address}{path} --json '{body}'",
    "multipart/form-data": "curl {address}{path} -F file=@my.png",
}


def page(document: dict[str, Any], address: str, example: str) -> str:
    """The page. document: OpenAPI's; address: where the API is reached, without a slash at its end; example: a model's id."""
    parts = "".join(
        _operation(address, path, way.upper(), operation, example)
        for path, ways in document["paths"].items()
        for way, operation in ways.items()
    )
    info = document["info"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}: REST</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(info['title'])}: REST</h1><p>{escape(info.get('summary', ''))} "
        f'The same as a document for programs: <a href="{escape(address)}/openapi.json">openapi.json</a>. '
        f'<a href="/">The pages are here.</a></p>{parts}</main></body></html>'
    )


def _operation(address: str, path: str, way: str, operation: dict[str, Any], example: str) -> str:
    shown = path.replace(":path", "")
    answers = "".join(
        f"<dt>{escape(status)}</dt><dd>{escape(answer['description'])}</dd>"
        for status, answer in operation["responses"].items()
        if status != "422"  # FastAPI's own; ours is among the 4XX
    )
    called = shown.replace("{id}", example)
    bodies = operation.get("requestBody", {}).get("content", {})
    calls = [
        CURL[kind].format(address=address, path=called, body=json.dumps(one.get("example", {})))
        for kind, one in bodies.items()
        if kind in CURL
    ] or [f"curl {address}{called}"]
    query = ", ".join(one["name"] for one in operation.get("parameters", ()) if one["in"] == "query")
    return (
        f'<section><h2><span class="way">{way}</span><code>{escape(shown)}</code></h2><p>{escape(operation.get("summary", ""))}'
        f"{f'. May be narrowed by <code>?{escape(query)}=</code>' if query else ''}</p>"
        f'<pre tabindex="0">{escape(chr(10).join(calls))}</pre><dl>{answers}</dl></section>'
    )
