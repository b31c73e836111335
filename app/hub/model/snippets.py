"""How to get a model's answer from code: what is shown is what the tests run."""

import json
import re
import shlex

from app import settings
from models.catalog import Model
from models.task import Task

STROKES = "[[[140, 60], [140, 220]]]"  # one stroke, from the top down: a one
SENTENCE = "some words"  # of a task that has no examples
PYTHON = {"ink": STROKES, "picture": 'Path("my.jpg")'}
GRADIO = {"ink": f'{{"strokes": {STROKES}}}', "picture": 'handle_file("my.jpg")'}
MCP = {**GRADIO, "picture": '{"image": base64.b64encode(Path("my.jpg").read_bytes()).decode()}'}
TOOL = """{imports}
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

ZOO = "{address}/widgets/gradio_api/mcp/"  # the MCP endpoint


async def ask(input):
    async with streamable_http_client(ZOO) as (read, write, _), ClientSession(read, write) as zoo:
        await zoo.initialize()
        result = await zoo.call_tool("{tool}", {{"input": input, "model": "{id}"}})
        return result.content[0].text


print(asyncio.run(ask({input})))"""
SHELL = {"ink": "my.png", "picture": "my.jpg"}
REST = {
    "ink": f"--json '{{\"strokes\": {STROKES}}}'",
    "picture": "-F file=@my.jpg",
}


def snippets(model: Model, address: str) -> dict[str, str]:
    """Name -> code, each way to the same answer.

    `address` is where this server is reached, without a slash at its end.
    """
    kind, text = model.task.input, sentence(model.task)
    quoted = json.dumps(text, ensure_ascii=False)
    python, gradio, mcp = ({**ways, "text": quoted} for ways in (PYTHON, GRADIO, MCP))
    shell = {**SHELL, "text": shlex.quote(text)}
    rest = {**REST, "text": f"--json {shlex.quote(json.dumps({'text': text}, ensure_ascii=False))}"}
    path = "from pathlib import Path\n\n" if kind == "picture" else ""
    handle = ", handle_file" if kind == "picture" else ""
    ways = {
        "Python": f'{path}import models\n\nprint(models.load("{model.id}").predict({python[kind]}))',
        "Command line": f"zoo predict {model.id} {shell[kind]}",
        "REST": f"curl {address}/api/predict/{model.id} {rest[kind]}",
        "Gradio client": f"from gradio_client import Client{handle}\n\n"
        f'zoo = Client("{address}/widgets/")\n'
        f'print(zoo.predict({gradio[kind]}, "{model.id}", api_name="/{model.task.slug}"))',
        "MCP": TOOL.format(
            imports="import asyncio\nimport base64\nfrom pathlib import Path\n"
            if kind == "picture"
            else "import asyncio\n",
            address=address,
            tool=tool(model.task),
            id=model.id,
            input=mcp[kind],
        ),
    }
    return {name: code for name, code in ways.items() if settings.widgets() != "off" or "/widgets/" not in code}


def sentence(task: Task) -> str:
    """The text that a task of texts is asked about: its first example."""
    return task.examples[0].raw if task.input == "text" and task.examples else SENTENCE


def tool(task: Task) -> str:
    """What Gradio calls the MCP tool of a task."""
    return re.sub("[^a-zA-Z0-9]", "_", task.slug)
