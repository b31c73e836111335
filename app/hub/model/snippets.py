"""How to get a model's answer from code: what is shown is what the tests run."""

import json
import re
import shlex
from typing import Any

from app import settings
from app.parameters import parameters
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
        result = await zoo.call_tool("{tool}", {arguments})
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
    values = entered(model.task)
    as_json = json.dumps(values, ensure_ascii=False)  # with numbers and texts alone, it is Python too
    python, gradio, mcp = ({**ways, "text": quoted, "fields": as_json} for ways in (PYTHON, GRADIO, MCP))
    by_parameter = {
        name: values[each.name] for name, each in parameters(model.task.fields).items() if each.name in values
    }
    gradio["fields"] = f"**{by_parameter}"
    mcp["fields"] = str(by_parameter)
    options = " ".join(f"--field {shlex.quote(f'{name}={value}')}" for name, value in values.items())
    shell = {**SHELL, "text": shlex.quote(text), "fields": options}
    rest = {
        **REST,
        "text": f"--json {shlex.quote(json.dumps({'text': text}, ensure_ascii=False))}",
        "fields": f"--json {shlex.quote(json.dumps({'fields': values}, ensure_ascii=False))}",
    }
    asked = f'{gradio[kind]}, model="{model.id}"' if kind == "fields" else f'{gradio[kind]}, "{model.id}"'
    path = "from pathlib import Path\n\n" if kind == "picture" else ""
    handle = ", handle_file" if kind == "picture" else ""
    ways = {
        "Python": f'{path}import models\n\nprint(models.load("{model.id}").predict({python[kind]}))',
        "Command line": f"zoo predict {model.id} {shell[kind]}",
        "REST": f"curl {address}/api/predict/{model.id} {rest[kind]}",
        "Gradio client": f"from gradio_client import Client{handle}\n\n"
        f'zoo = Client("{address}/widgets/")\n'
        f'print(zoo.predict({asked}, api_name="/{model.task.slug}"))',
        "MCP": TOOL.format(
            imports="import asyncio\nimport base64\nfrom pathlib import Path\n"
            if kind == "picture"
            else "import asyncio\n",
            address=address,
            tool=tool(model.task),
            arguments=f'{{**input, "model": "{model.id}"}}'
            if kind == "fields"
            else f'{{"input": input, "model": "{model.id}"}}',
            input=mcp[kind],
        ),
    }
    return {name: code for name, code in ways.items() if settings.widgets() != "off" or "/widgets/" not in code}


def sentence(task: Task) -> str:
    """The text that a task of texts is asked about: its first example."""
    return task.examples[0].raw if task.input == "text" and task.examples else SENTENCE


def entered(task: Task) -> dict[str, Any]:
    """The values that a task of fields is asked about: its first example, or some of its fields."""
    if task.examples and task.input == "fields":
        return task.examples[0].raw
    return {each.name: each.choices[0] if each.choices else each.low for each in task.fields[:3]}


def tool(task: Task) -> str:
    """What Gradio calls the MCP tool of a task."""
    return re.sub("[^a-zA-Z0-9]", "_", task.slug)
