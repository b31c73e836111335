"""The documentation of the REST API, /api/docs: its OpenAPI document as HTML that loads no other file."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

STYLE = """:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 800px;
margin: 32px auto; padding: 0 16px; color: light-dark(#1d1d26, #ecebf2); background: light-dark(#fff, #14141b) }
h2 { margin-top: 40px; font-size: 18px } h3 { font-size: 16px } code, pre { font-size: 14px }
pre { background: light-dark(#f4f4f8, #22222d); padding: 16px; border-radius: 8px; overflow-x: auto }
a { color: light-dark(#3d3fc4, #9da2ff) } dt { font-weight: 600 } dd { margin: 0 0 8px }
.method { background: light-dark(#eef0f6, #2a2b37); border-radius: 8px; padding: 0 8px; margin-right: 8px }"""
CURL = {
    "application/json": "curl {address}{path} --json '{body}'",
    "multipart/form-data": "curl {address}{path} -F file=@my.png",
}


def page(document: dict[str, Any], address: str, example: str) -> str:
    """The page as HTML.

    document: the OpenAPI document. address: of the API, without a trailing slash. example: a model's id.
    """
    operations = "".join(
        _operation(document, address, path, method.upper(), operation, example)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    )
    info = document["info"]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(info['title'])}: REST API</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(info['title'])}: REST API</h1><p>{escape(info.get('summary', ''))} "
        f'OpenAPI description: <a href="openapi.json">openapi.json</a>. '
        f'<a href="../">Back to the pages.</a></p>{operations}</main></body></html>'
    )


def _operation(
    document: dict[str, Any], address: str, path: str, method: str, operation: dict[str, Any], example: str
) -> str:
    bodies = operation.get("requestBody", {}).get("content", {})
    calls = [_call(kind, content, address, path.replace("{id}", example)) for kind, content in bodies.items()]
    calls = calls or [f"curl {address}{path.replace('{id}', example)}"]
    parameters = _list(
        (f"<code>{escape(each['name'])}</code>", each.get("description", ""))
        for each in operation.get("parameters", ())
    )
    requests = "".join(_schema(document, each) for each in _refs(bodies.get("application/json", {})))
    ok = operation["responses"]["200"]["content"]["application/json"]
    answers = "".join(_schema(document, each) for each in _refs(ok))
    statuses = _list((escape(status), each["description"]) for status, each in operation["responses"].items())
    return (
        f'<section><h2><span class="method">{method}</span><code>{escape(path)}</code></h2>'
        f"<p>{escape(operation.get('summary', ''))}.</p>{parameters}"
        f'<pre tabindex="0">{escape(chr(10).join(calls))}</pre>'
        f"{f'<h3>Request</h3>{requests}' if requests else ''}<h3>Response</h3>{answers}{statuses}</section>"
    )


def _call(kind: str, content: dict[str, Any], address: str, path: str) -> str:
    """A curl command that sends the first example of this kind of body."""
    body = next((each["value"] for each in content.get("examples", {}).values()), {})
    return CURL[kind].format(address=address, path=path, body=json.dumps(body))


def _refs(content: dict[str, Any]) -> list[str]:
    """The names of the schemas of a request or response."""
    schema = content.get("schema", {})
    return [each["$ref"].rpartition("/")[2] for each in schema.get("oneOf", [schema]) if "$ref" in each]


def _schema(document: dict[str, Any], name: str) -> str:
    """An object's description and its fields."""
    schema = document["components"]["schemas"][name]
    required = schema.get("required", ())
    fields = _list(
        (f"<code>{escape(field)}</code>{'' if field in required else ' (optional)'}", each.get("description", ""))
        for field, each in schema["properties"].items()
    )
    description = escape(schema.get("description", "").partition("\n")[0])
    return f"<details><summary>{escape(name)}: {description}</summary>{fields}</details>"


def _list(pairs: Iterator[tuple[str, str]]) -> str:
    """A list of terms, already HTML, with their descriptions."""
    items = "".join(f"<dt>{term}</dt><dd>{escape(text)}</dd>" for term, text in pairs)
    return f"<dl>{items}</dl>" if items else ""
