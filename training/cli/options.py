"""Options shared by several commands, and the options generated from the fields of a recipe."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic.fields import FieldInfo
from typer.core import TyperCommand

from models import catalog
from models.entry import Augment
from training.near_misses import near_miss
from training.recipe import bounds, expected, flag, options, type_of

Data = Annotated[Path | None, typer.Option(help="Folder of the data sets (default: ZOO_DATA).")]
MAX_SEED = 2**32 - 1
Device = Annotated[
    str | None,
    typer.Option(
        help="cpu, cuda or mps (default: cuda if available, else cpu). On cuda, convolutional nets train in bfloat16; "
        "several GPUs: docs/scale.md."
    ),
]
RECIPE = "Recipe (default: the entry's own)"
AUGMENTATION = "Augmentation of images (default: the entry's own)"


def with_recipe_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command`, which takes `**recipe`, an option for every hyperparameter; the default of each is None."""
    signature = inspect.signature(command)
    declared = [parameter for parameter in signature.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
    generated = [_parameter(name, field) for name, field in options().items()]
    command.__signature__ = signature.replace(parameters=[*declared, *generated])
    return command


def _parameter(name: str, field: FieldInfo) -> inspect.Parameter:
    """The keyword parameter of one hyperparameter, from which Typer makes an option."""
    limits = bounds(field)
    kind, group = type_of(field), AUGMENTATION if name in Augment.__pydantic_fields__ else RECIPE
    option = typer.Option(
        f"{flag(name)}/--no-{flag(name)[2:]}" if kind is bool else flag(name),
        help=f"{field.description}{f' ({limits})' if limits else ''}.",
        rich_help_panel=group,
        **(as_number(kind, expected(name)) if kind in (int, float) else {}),
    )
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option]
    )


def as_number(
    kind: type[int] | type[float], expected: str, valid: Callable[[Any], bool] = lambda _: True
) -> dict[str, Any]:
    """Keyword arguments of `typer.Option` for a number, whose error says what is `expected`."""

    def parse(text: Any) -> int | float:
        try:
            number = kind(text)
        except ValueError:
            number = None
        if number is None or not valid(number):
            raise typer.BadParameter(f"{text!r:.40} is not {expected}.")
        return number

    return {"parser": parse, "metavar": f"<{kind.__name__}>"}


class GroupedOptions(TyperCommand):
    """A command whose plain help lists the options of each `rich_help_panel` under its name.

    Its error about an unknown option says what was probably meant.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; an unknown option is an error with a hint."""
        words = list(args)
        try:
            return super().parse_args(ctx, args)
        except typer.exceptions.TyperException as error:
            if name := getattr(error, "option_name", None):
                # Of "-lr", only "-l" is reported.
                written = next((word for word in words if word.startswith(name)), name).partition("=")[0]
                if hint := near_miss(written, next((word for word in words if word in catalog.entries()), None)):
                    error.message, error.possibilities = f"No such option: {written}; {hint}", None
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write one section per group, with the recipe and augmentation groups last."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record:
                usual = "Arguments" if parameter.param_type_name == "argument" else "Options"
                groups.setdefault(getattr(parameter, "rich_help_panel", None) or usual, []).append(record)
        for title in sorted(groups, key=lambda title: title in (RECIPE, AUGMENTATION)):
            with formatter.section(title):
                formatter.write_dl(groups[title])


Seed = Annotated[
    int | None,
    typer.Option(
        help="Seed of weights, order of examples and augmentation (default: 0).",
        **as_number(int, f"a whole number from 0 to {MAX_SEED:,}", lambda seed: 0 <= seed <= MAX_SEED),
    ),
]


# In place of an option for each amount of the augmentation. The space makes Typer take it as the opposite of no option.
NoAugment = Annotated[
    bool | None, typer.Option(" /--no-augment", help="Do not change training images.", rich_help_panel=AUGMENTATION)
]


@contextmanager
def interruptible(sentence: str) -> Iterator[None]:
    """A context in which Ctrl-C prints `sentence` and ends the command with exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        print(sentence, file=sys.stderr)
        raise typer.Exit(130) from None
