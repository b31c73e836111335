"""Model cards for the Hub: the text of the checkpoint's card below metadata for the Hub, including a model index."""

import re
from typing import Any

from models.checkpoint import Checkpoint
from models.task import Task

# huggingface_hub takes long to import, so the functions that use it import it.

PIPELINES = {
    "ink": "image-classification",
    "picture": "image-classification",
    "text": "text-classification",
    "fields": "tabular-classification",
}
LICENCES = frozenset(
    "apache-2.0 mit bsd-2-clause bsd-3-clause cc0-1.0 cc-by-4.0 cc-by-sa-4.0 cc-by-nc-4.0 cc-by-nc-sa-4.0 gpl-3.0 "
    "lgpl-3.0 mpl-2.0 openrail unlicense unknown".split()
)
USAGE = re.compile(r"\n## From the Hub\n.*\Z", re.DOTALL)  # from an earlier push
FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)


def card(checkpoint: Checkpoint, id: str) -> str:
    """The README.md to push to `id`: metadata, the text of the checkpoint's card, and how to pull the model."""
    from huggingface_hub import ModelCard

    text = (
        USAGE.sub("", FRONT_MATTER.sub("", checkpoint.card)).strip()
        or f"# {checkpoint.config.title}\n\n{checkpoint.config.description}"
    )
    use = (
        f"## From the Hub\n\nWith the Zoo: `zoo pull {id}`, then `zoo predict {id} ...`; "
        f'in Python `models.load("{id}")`.'
    )
    return str(ModelCard(f"---\n{_metadata(checkpoint, id).to_yaml()}\n---\n\n{text}\n\n{use}\n"))


def space_card(text: str, **metadata: Any) -> str:
    """The README.md of a Space: its metadata, as `SpaceCardData` takes it, and a text in Markdown."""
    from huggingface_hub import SpaceCard, SpaceCardData

    return str(SpaceCard(f"---\n{SpaceCardData(**metadata).to_yaml()}\n---\n\n{text}\n"))


def licence(name: str) -> dict[str, str]:
    """The metadata for a licence; one that the Hub does not know becomes `other` with a name."""
    return {"license": name.lower()} if name.lower() in LICENCES else {"license": "other", "license_name": name[:100]}


def _metadata(checkpoint: Checkpoint, id: str) -> Any:
    from huggingface_hub import ModelCardData

    config, task = checkpoint.config, checkpoint.task
    return ModelCardData(
        library_name="onnx",  # can run it without this project
        pipeline_tag=PIPELINES[task.input],
        datasets=[data.name for data in config.data] or None,
        tags=["zoo", "onnx", task.slug],
        model_name=id.split("/")[1],
        eval_results=_results(checkpoint, task) or None,
        **licence(config.license),
    )


def _results(checkpoint: Checkpoint, task: Task) -> list[Any]:
    """The figures of evaluation.json: on test sets, or in cross-validation."""
    from huggingface_hub import EvalResult

    evaluation = checkpoint.evaluation
    measured = [(name, "test", figures.accuracy, figures.macro_f1) for name, figures in evaluation.test.items()]
    if study := evaluation.studies.cross_validation:
        measured = [row for row in measured if row[0] != study.dataset]
        measured += [(study.dataset, "cross-validation", study.accuracy, None)]
    results = []
    for name, split, accuracy, macro_f1 in measured:
        for kind, title, value in (("accuracy", "Accuracy", accuracy), ("f1", "Macro F1", macro_f1)):
            if value is not None:
                results.append(
                    EvalResult(
                        task_type=PIPELINES[task.input],
                        dataset_type=name,
                        dataset_name=task.dataset_names.get(name, name),
                        dataset_split=split,
                        metric_type=kind,
                        metric_name=title,
                        metric_value=value,
                    )
                )
    return results
