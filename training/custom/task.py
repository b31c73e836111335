"""The task of a model trained on a user's own examples: a new one, or an earlier one with the same labels."""

import re

from models import catalog
from models.errors import ZooError
from models.task import SLUG, Task
from training.custom.collection import Collection
from training.data import EXAMPLES

WORDS = {
    "ink": {"question": "which one is drawn?", "prompt": "draw one here"},
    "picture": {"question": "which one is in the picture?", "prompt": "add a picture here"},
    "text": {"question": "which one is this?", "prompt": "type here"},
    "fields": {"question": "which one is this?", "prompt": "enter what is known"},
}
OOD = {
    "ink": ("noise", "scribbles"),
    "picture": ("patterns",),
    "text": ("languages", "mash"),
}  # generated, so that they are always available
OOD_NAMES = {
    "noise": "white noise",
    "scribbles": "scribbles",
    "patterns": "plain colours and patterns",
    "languages": "sentences in six languages",
    "mash": "random key presses",
}


def task_of(collection: Collection, slug: str, title: str | None = None, *, model: str) -> Task:
    """The task `slug` for these examples, or the user's existing task of that name if it has the same labels.

    model: the id of the new model; an earlier model with this id, which it replaces, is ignored. The task contains none
    of the examples, because a model may be shared and the examples belong to the user. Raises ZooError for an invalid
    or used slug, and for a task with other labels.
    """
    if not re.fullmatch(SLUG, slug):
        raise ZooError(
            f"{slug!r:.120} is not a valid task slug; use lower-case letters, digits and dashes, such as my-runes."
        )
    if catalog.is_taken(slug):
        raise ZooError(
            f"The slug {slug!r} is already used by the Zoo; choose another with --task, such as {slug}-mine."
        )
    others = [other for other in catalog.models(slug) if other.id != model]
    if others:
        return _joined(collection, others[0].task, others)
    words = WORDS[collection.kind]
    title = title or slug.replace("-", " ").capitalize()
    ood = OOD.get(collection.kind, ())
    return Task(
        slug=slug,
        title=title,
        question=f"{title}: {words['question']}",
        noun="one of these",
        answer="This looks like **{label}**.",
        prompt=words["prompt"],
        abstention="These values lie outside the range of the training data." if collection.fields else "",
        input=collection.kind,
        fields=collection.fields,
        labels=collection.labels,
        datasets=(EXAMPLES,),
        ood_datasets=ood,
        dataset_names={
            EXAMPLES: f"held-out {collection.noun}",
            **{n: OOD_NAMES[n] for n in ood},
        },
        caveats=(
            f"The model was trained on {len(collection):,} {collection.noun} from one collection; it knows "
            "nothing about "
            "inputs that look different.",
        ),
    )


def _joined(collection: Collection, task: Task, others: list[catalog.Model]) -> Task:
    """The existing task. Raises ZooError if its input or labels differ from those of the examples."""
    if task.input != collection.kind or set(task.labels) != set(collection.labels):
        different = sorted(set(task.labels) ^ set(collection.labels))
        difference = f"their labels differ in {', '.join(different[:3])}" if different else f"it reads {task.input}"
        raise ZooError(
            f"The task {task.slug!r} already exists (model {others[0].id}), and {difference}; choose another name with "
            "--task or --slug."
        )
    if task.fields != collection.fields:
        raise ZooError(
            f"The task {task.slug!r} already exists (model {others[0].id}), with other columns or choices; choose "
            "another name with --task or --slug."
        )
    return task
