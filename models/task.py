"""A task: what is asked and what may come out. Models of one task answer the same question with the same labels."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

InputKind = Literal["ink", "picture", "text"]
SLUG = r"^[a-z0-9][a-z0-9-]{0,99}$"
MAX_LETTERS = 2_000  # of any one text


@dataclass(frozen=True)
class Example:
    """An input to try: a title for people and the raw input (strokes, text, or `{"image": "<base64 of a file>"}`)."""

    title: str
    raw: Any


@dataclass(frozen=True)
class Task:
    """What a person wants told.

    labels: every possible answer, in the order of the logits.
    noun: what an input should be, with its article ("a digit"), for "I don't think this is a digit".
    answer: the answer in words; `{label}` is filled in.
    datasets: names of its data sets, the test set that stands for it first.
    ood_datasets: data sets of inputs that are not of this task, on which a model should abstain.
    dataset_names: what those data sets hold, in plain words, by name ("scanned digits").
    caveats: what a person should know before trusting any answer, a sentence each; on pages and cards.
    label_names: what people read in a label's place, where it is the name of a folder ("Great Wall of China"); labels
        stay what code sees.
    scale: whether the labels go from one end to the other, so that answers are shown in their order.
    """

    slug: str
    title: str
    question: str
    noun: str
    answer: str
    prompt: str
    input: InputKind
    labels: tuple[str, ...]
    datasets: tuple[str, ...] = ()
    ood_datasets: tuple[str, ...] = ()
    examples: tuple[Example, ...] = field(default=(), compare=False)
    dataset_names: dict[str, str] = field(default_factory=dict, compare=False)
    caveats: tuple[str, ...] = field(default=(), compare=False)
    scale: bool = field(default=False, compare=False)
    label_names: dict[str, str] = field(default_factory=dict, compare=False)

    def display_name(self, label: str) -> str:
        """A label as people read it."""
        return self.label_names.get(label, label)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as `config.json` carries it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Task":
        """The task that `to_dict` gave; lists become tuples.

        Raises ValueError or TypeError for what is no task: it may be ood_datasets.
        """
        plain = dict(values)
        for name in ("labels", "datasets", "ood_datasets", "caveats", "examples"):
            if not isinstance(plain.setdefault(name, ()), list | tuple):
                raise ValueError(f"{name} is a {type(plain[name]).__name__}, expected a list")
            plain[name] = tuple(plain[name])
        plain["examples"] = tuple(Example(**example) for example in plain["examples"])
        task = cls(**plain)
        task._check()
        return task

    def _check(self) -> None:
        for name in ("dataset_names", "label_names"):
            if not isinstance(getattr(self, name), dict):
                raise ValueError(f"{name} is no object")
        if not isinstance(self.scale, bool):
            raise ValueError("scale is neither true nor false")
        texts = (
            *(self.slug, self.title, self.question, self.noun, self.answer, self.prompt),
            *(*self.labels, *self.datasets, *self.ood_datasets, *self.caveats),
            *(*self.dataset_names, *self.dataset_names.values(), *self.label_names, *self.label_names.values()),
            *(example.title for example in self.examples),
        )
        for text in texts:
            if not isinstance(text, str) or len(text) > MAX_LETTERS:
                raise ValueError(f"{str(text)[:40]!r} is no text of at most {MAX_LETTERS:,} letters")
        if len(set(map(self.display_name, self.labels))) < len(self.labels):
            raise ValueError("two labels are called the same, so nobody could tell their answers apart")
        if not re.fullmatch(SLUG, self.slug):
            raise ValueError(f"the slug {self.slug[:40]!r} is not small letters, digits and dashes")
        if self.input not in get_args(InputKind):
            raise ValueError(f"the input is {str(self.input)[:40]!r}, expected ink, picture or text")
        if re.findall("[{}]", self.answer) != ["{", "}"] or "{label}" not in self.answer:  # it goes through str.format
            raise ValueError("the answer must hold {label} once and no other braces")
        kind = {"ink": list | tuple, "picture": dict, "text": str}[self.input]  # a text for ink would name a file
        if not all(isinstance(example.raw, kind) for example in self.examples):
            raise ValueError(f"an example is not {self.input}")
