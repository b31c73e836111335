"""The task that a model of one's own examples answers.

Made of the labels found, or one's own of before that it joins.
"""

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
}
OOD = {
    "ink": ("noise", "scribbles"),
    "picture": ("patterns",),
    "text": ("mash",),
}  # made up, so that they are always here
OOD_NAMES = {
    "noise": "white noise",
    "scribbles": "scribbles",
    "patterns": "plain colours and patterns",
    "mash": "random key presses",
}


def task_of(own: Collection, slug: str, title: str | None = None, *, model: str) -> Task:
    """The task `slug` for these examples; the models of one task have the same labels.

    model: the id of the new model, which stands no longer in its own way. None of the examples goes into the task: a
        model may be shared, and they are their maker's.
    """
    if not re.fullmatch(SLUG, slug):
        raise ZooError(
            f"{slug!r:.120} is not a valid task slug; use lower-case letters, digits and dashes, such as my-runes."
        )
    if catalog.is_taken(slug):
        raise ZooError(
            f"The slug {slug!r} is already used by the Zoo; choose another with --task, such as {slug}-mine."
        )
    others = [one for one in catalog.models(slug) if one.id != model]
    if others:
        return _joined(own, others[0].task, others)
    words = WORDS[own.kind]
    title = title or slug.replace("-", " ").capitalize()
    ood = OOD.get(own.kind, ())
    return Task(
        slug=slug,
        title=title,
        question=f"{title}: {words['question']}",
        noun="one of these",
        answer="This looks like **{label}**.",
        prompt=words["prompt"],
        input=own.kind,
        labels=own.labels,
        datasets=(EXAMPLES,),
        ood_datasets=ood,
        dataset_names={
            EXAMPLES: f"held-out {own.noun}",
            **{n: OOD_NAMES[n] for n in ood},
        },
        caveats=(
            f"The model was trained on {len(own):,} {own.noun} from one collection; it knows nothing about inputs that look "
            "different.",
        ),
    )


def _joined(own: Collection, task: Task, others: list[catalog.Model]) -> Task:
    if task.input != own.kind or set(task.labels) != set(own.labels):
        different = sorted(set(task.labels) ^ set(own.labels))
        what = f"their labels differ in {', '.join(different[:3])}" if different else f"it reads {task.input}"
        raise ZooError(
            f"The task {task.slug!r} already exists (model {others[0].id}), and {what}; choose another name with "
            "--task or --slug."
        )
    return task
