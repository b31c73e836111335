"""A task: what is asked and what may come out. Models of one task answer the same question with the same labels."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

InputKind = Literal["ink", "picture", "text"]


@dataclass(frozen=True)
class Example:
    """An input to try: a title for people and the raw input (strokes or text)."""

    title: str
    raw: Any


@dataclass(frozen=True)
class Task:
    """What a person wants told.

    labels: every possible answer, in the order of the logits.
    noun: what an input should be, with its article ("a digit"), for "I don't think this is a digit".
    answer: the answer in words; `{label}` is filled in.
    datasets: names of its data sets, the test set that stands for it first.
    foreign: data sets of inputs that are not of this task, on which a model should abstain.
    dataset_words: what those data sets hold, in plain words, by name ("scanned digits").
    caveats: what a person should know before trusting any answer, a sentence each; on pages and cards.
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
    foreign: tuple[str, ...] = ()
    examples: tuple[Example, ...] = field(default=(), compare=False)
    dataset_words: dict[str, str] = field(default_factory=dict, compare=False)
    caveats: tuple[str, ...] = field(default=(), compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types, as `config.json` carries it."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Task":
        """The task that `to_dict` gave; lists become tuples."""
        plain = dict(values)
        plain["examples"] = tuple(Example(**example) for example in plain.get("examples", ()))
        for name in ("labels", "datasets", "foreign", "caveats"):
            plain[name] = tuple(plain.get(name, ()))
        return cls(**plain)
