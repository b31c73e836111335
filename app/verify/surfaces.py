"""The surfaces through which people and programs get a model's predictions, each called as its own clients call it.

Every function returns a prediction for each raw input, in order: what `zoo predict --json` prints, as a dict. All but
the first two call a running server at `address`, without a trailing slash. They raise ZooError with the surface's own
message.
"""

import ast
import asyncio
import contextlib
import io
import json
import logging
import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path
from typing import Any

from app.hub.model.snippets import tool
from app.parameters import parameters
from models.catalog import Model
from models.errors import ZooError

CONCURRENCY = 16  # calls at the same time, fewer than the widgets' queue holds
TIMEOUT = 300  # seconds for one answer; a busy machine is slow, not wrong
Command = Callable[[list[str]], object]  # runs `zoo` with these arguments in this process


def form(raw: Any, model: Model) -> Any:
    """A golden input as the JSON that REST, Gradio, MCP and a .json file on the command line take."""
    if model.task.input in ("text", "fields"):
        return {model.task.input: raw}
    return raw if isinstance(raw, dict) else {"strokes": raw}


def command_line(model: Model, raws: Sequence[Any], zoo: Command) -> list[dict[str, Any]]:
    """`zoo predict ID INPUT... --json`, with texts as arguments, and strokes and pictures as files.

    zoo: runs the command line.
    """
    with tempfile.TemporaryDirectory() as folder:
        inputs = [str(raw) for raw in raws]
        if model.task.input != "text":
            inputs = [str(Path(folder, f"{number}.json")) for number in range(len(raws))]
            for path, raw in zip(inputs, raws, strict=True):
                Path(path).write_text(json.dumps(form(raw, model)))
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            zoo(["predict", model.id, "--json", "--", *inputs])
    return [json.loads(line) for line in out.getvalue().splitlines()]


def page(model: Model, raws: Sequence[Any]) -> list[dict[str, Any]]:
    """What the task's page shows with this model chosen and the input entered as a visitor does.

    That is `probabilities`, to a tenth of a percent, and the sentence it `says`.
    """
    return [_shown(model, raw) for raw in raws]


def rest(model: Model, raws: Sequence[Any], address: str) -> list[dict[str, Any]]:
    """`POST /api/predict/ID`, all in one request."""
    body = json.dumps({"inputs": [form(raw, model) for raw in raws]}).encode()
    request = urllib.request.Request(
        f"{address}/api/predict/{model.id}", body, headers={"Content-Type": "application/json"}
    )
    try:
        with _local_opener().open(request, timeout=TIMEOUT) as answer:
            return json.load(answer)["predictions"]
    except urllib.error.HTTPError as error:
        raise ZooError(f"{error.code}: {_detail(error.read())}") from error
    except (OSError, ValueError, KeyError) as error:
        raise ZooError(f"no answer: {error}") from error


def gradio(model: Model, raws: Sequence[Any], address: str) -> list[dict[str, Any]]:
    """The task's named endpoint, through `gradio_client`."""
    # gradio_client, mcp and Streamlit are slow to import: each is loaded when its surface is checked.
    from gradio_client import Client

    try:
        client = Client(f"{address}/widgets/", verbose=False, analytics_enabled=False)

        def call(raw: Any) -> dict[str, Any]:
            job = client.submit(**_arguments(raw, model), api_name=f"/{model.task.slug}")
            return job.result(timeout=TIMEOUT)

        with ThreadPoolExecutor(CONCURRENCY) as pool:
            return list(pool.map(call, raws))
    except Exception as error:  # gradio_client's own and httpx's have no common base class
        raise ZooError(_first(error)) from error


def mcp(model: Model, raws: Sequence[Any], address: str) -> list[dict[str, Any]]:
    """The task's tool, through the client of the `mcp` package."""
    try:
        return asyncio.run(_tool(model, raws, f"{address}/widgets/gradio_api/mcp/"))
    except Exception as error:  # those of mcp and anyio, most often in a group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise ZooError(_first(error)) from error


async def _tool(model: Model, raws: Sequence[Any], address: str) -> list[dict[str, Any]]:
    # Slow to import, as above.
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    name, slots = tool(model.task), asyncio.Semaphore(CONCURRENCY)
    async with streamable_http_client(address) as (read, write, _), ClientSession(read, write) as session:
        await session.initialize()

        async def call(raw: Any) -> dict[str, Any]:
            async with slots:
                result = await session.call_tool(name, _arguments(raw, model))
            text = result.content[0].text
            if result.isError:
                raise ZooError(text)
            return ast.literal_eval(text)  # Gradio's tools print a dict as Python does

        return await asyncio.gather(*map(call, raws))


def _shown(model: Model, raw: Any) -> dict[str, Any]:
    # Slow to import, as above.
    from streamlit.testing.v1 import AppTest

    logging.getLogger(
        "streamlit.runtime.scriptrunner_utils.script_run_context"
    ).disabled = True  # warns that there is no server
    app = AppTest.from_function(_page, default_timeout=TIMEOUT, args=(model.task.slug, model.task.input, raw))
    app.query_params["models"] = model.id
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):  # tracebacks of errors
        app.run()
    if app.exception:
        raise ZooError(f"the page ended in an error: {app.exception[0].message}")
    answers = [html.proto.body for html in app.get("html") if f'data-model="{model.id}"' in html.proto.body]
    if len(answers) != 1 or 'class="says' not in answers[0]:
        shown = re.sub("<[^>]*>", " ", answers[0]) if answers else "nothing"
        raise ZooError(f"the page shows no prediction; it shows {' '.join(shown.split())[:200]!r}")
    bars = re.findall(r'<dt[^>]*>(.*?)</dt><dd class="bar"><i style="width:([\d.]+)%', answers[0], re.DOTALL)
    says = re.search(r'<div class="says.*?<p>(.*?)</p>', answers[0], re.DOTALL)
    labels = {model.task.display_name(label): label for label in model.task.labels}  # by the name that people read
    return {
        "probabilities": {labels.get(unescape(word), word): float(width) / 100 for word, width in bars},
        "says": unescape(re.sub("</?b>", "", says[1])) if says else "",
    }


def _page(slug: str, kind: str, raw: object) -> None:
    """The script that AppTest runs by itself: puts the input where the page stores a visitor's, then draws the page."""
    # AppTest runs this function's source by itself, so it imports all it uses.
    from app.hub.inputs import drawing, entered, photo, typed
    from app.hub.views import task
    from models import catalog
    from models.inputs.strokes import PEN

    if kind == "ink" and isinstance(raw, dict) and "image" in raw:
        from models.inputs.picture import decode_base64

        drawing.upload(decode_base64(raw["image"]))
    elif kind == "ink":
        ink = raw if isinstance(raw, dict) else {"strokes": raw}
        drawing.draw(ink["strokes"], ink.get("pen", PEN))
    elif kind == "picture":
        photo.take(raw)
    elif kind == "fields":
        entered.enter(catalog.task(slug), raw)
    else:
        typed.update(catalog.task(slug), raw, 0)
    task.show(slug)


def _arguments(raw: Any, model: Model) -> dict[str, Any]:
    """A raw input as Gradio's endpoints and tools take it: texts are plain strings, fields have a parameter each."""
    if model.task.input == "fields":
        named = parameters(model.task.fields)
        return {"model": model.id, **{name: raw[each.name] for name, each in named.items() if each.name in raw}}
    return {"input": raw if model.task.input == "text" else form(raw, model), "model": model.id}


def _local_opener() -> urllib.request.OpenerDirector:
    """Opens addresses of this machine, without a proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _detail(body: bytes) -> str:
    try:
        return json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError):
        return body[:200].decode(errors="replace")


def _first(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
