"""A task: a question and its possible labels. All models of a task answer the same question with the same labels."""

import re
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from models import field as field_module
from models.field import Field

InputKind = Literal["ink", "picture", "text", "fields"]
SLUG = r"^[a-z0-9][a-z0-9-]{0,99}$"
MAX_LETTERS = 2_000  # of each text


@dataclass(frozen=True)
class Example:
    """An input to try: a title and the raw input (strokes, text, fields or `{"image": "<base64 of a file>"}`)."""

    title: str
    raw: Any


@dataclass(frozen=True)
class Task:
    """A question and its possible labels.

    labels: every possible answer, in the order of the logits.
    noun: what an input should be, with its article ("a digit"), for "I don't think this is a digit".
    answer: the answer as a sentence; `{label}` is filled in.
    abstention: the sentence when a model abstains (default: "I don't recognise this as" and the noun).
    datasets: names of its data sets, the main test set first.
    ood_datasets: out-of-distribution data sets, on which a model should abstain.
    dataset_names: a short description of each data set, by name ("scanned digits").
    caveats: what to know before trusting an answer, a sentence each; shown on pages and cards.
    fields: the named values of an input of the kind `fields`, in their order.
    label_names: display names of labels that are folder names ("Great Wall of China"); code uses the labels.
    scale: whether the labels are ordered, so that answers are shown in that order.
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
    fields: tuple[Field, ...] = ()
    abstention: str = field(default="", compare=False)

    def not_recognised(self) -> str:
        """The sentence when a model abstains."""
        return self.abstention or f"I don't recognise this as {self.noun}."

    def display_name(self, label: str) -> str:
        """The label as it is shown to people."""
        return self.label_names.get(label, label)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as in `config.json`."""
        values = asdict(self)
        return values if self.fields else {name: value for name, value in values.items() if name != "fields"}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Task":
        """The inverse of `to_dict`; the values may be untrusted.

        Raises ValueError or TypeError if they are not a task.
        """
        plain = dict(values)
        for name in ("labels", "datasets", "ood_datasets", "caveats", "examples", "fields"):
            if not isinstance(plain.setdefault(name, ()), list | tuple):
                raise ValueError(f"{name} is a {type(plain[name]).__name__}, expected a list")
            plain[name] = tuple(plain[name])
        plain["examples"] = tuple(Example(**example) for example in plain["examples"])
        plain["fields"] = tuple(map(field_module.from_dict, plain["fields"]))
        task = cls(**plain)
        task._check()
        return task

    def _check(self) -> None:
        for name in ("dataset_names", "label_names"):
            if not isinstance(getattr(self, name), dict):
                raise ValueError(f"{name} is a {type(getattr(self, name)).__name__}, expected an object")
        if not isinstance(self.scale, bool):
            raise ValueError("scale must be true or false")
        texts = (
            *(self.slug, self.title, self.question, self.noun, self.answer, self.prompt, self.abstention),
            *(*self.labels, *self.datasets, *self.ood_datasets, *self.caveats),
            *(*self.dataset_names, *self.dataset_names.values(), *self.label_names, *self.label_names.values()),
            *(example.title for example in self.examples),
        )
        for text in texts:
            if not isinstance(text, str) or len(text) > MAX_LETTERS:
                raise ValueError(f"{str(text)[:40]!r} is not text of at most {MAX_LETTERS:,} letters")
        if len(set(map(self.display_name, self.labels))) < len(self.labels):
            raise ValueError("two labels have the same display name; give each label its own")
        if not re.fullmatch(SLUG, self.slug):
            raise ValueError(f"the slug {self.slug[:40]!r} may contain only lowercase letters, digits and dashes")
        if self.input not in get_args(InputKind):
            raise ValueError(f"the input is {str(self.input)[:40]!r}, expected ink, picture, text or fields")
        if re.findall("[{}]", self.answer) != ["{", "}"] or "{label}" not in self.answer:  # it is passed to str.format
            raise ValueError("the answer must contain {label} once and no other braces")
        field_module.check_all(self.fields)
        if bool(self.fields) != (self.input == "fields"):
            raise ValueError("a task has fields if and only if its input is fields")
        # A str for ink would be opened as a file.
        kind = {"ink": list | tuple, "picture": dict, "text": str, "fields": dict}[self.input]
        if not all(isinstance(example.raw, kind) for example in self.examples):
            raise ValueError(f"an example does not fit the input kind {self.input}")
