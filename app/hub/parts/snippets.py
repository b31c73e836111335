"""How to get a model's answer from code: what is shown is what the tests run."""

from models.catalog import Model

STROKES = "[[[140, 60], [140, 220]]]"  # one stroke, from the top down: a one
SENTENCE = "a fine film, ruined"
PYTHON = {"ink": STROKES, "picture": 'Path("my.png")', "text": f'"{SENTENCE}"'}
GRADIO = {"ink": f'{{"strokes": {STROKES}}}', "picture": 'handle_file("my.png")', "text": f'"{SENTENCE}"'}
SHELL = {"ink": "my.png", "picture": "my.jpg", "text": f'"{SENTENCE}"'}
REST = {
    "ink": f"--json '{{\"strokes\": {STROKES}}}'",
    "picture": "-F file=@my.jpg",
    "text": f'--json \'{{"text": "{SENTENCE}"}}\'',
}


def snippets(model: Model, address: str) -> dict[str, str]:
    """Name -> code. `address` is where this server is reached, without a slash at its end."""
    kind = model.task.input
    path = "from pathlib import Path\n\n" if kind == "picture" else ""
    handle = ", handle_file" if kind == "picture" else ""
    return {
        "Python": f'{path}import models\n\nprint(models.load("{model.id}").predict({PYTHON[kind]}))',
        "Command line": f"zoo predict {model.id} {SHELL[kind]}",
        "REST": f"curl {address}/api/predict/{model.id} {REST[kind]}",
        "Gradio client": f"from gradio_client import Client{handle}\n\n"
        f'zoo = Client("{address}/widgets/")\n'
        f'print(zoo.predict({GRADIO[kind]}, "{model.id}", api_name="/{model.task.slug}"))',
    }
