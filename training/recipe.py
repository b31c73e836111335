"""Changes hyperparameters of a recipe by name, as in `--epochs 3 --rotate 5` or `train("mnist-cnn", epochs=3)`.

Names, types, bounds and descriptions are those of the fields of `models.entry.Recipe` and `Augment`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from types import UnionType
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from models import catalog
from models.entry import Augment, Entry, Recipe
from models.errors import ZooError
from training.data import EXAMPLES, dataset
from training.near_misses import near_miss

NOT_OPTIONS = (
    "augment",
    "distil",
)  # the fields of `augment` are options; `distil` needs teacher features, which only backbones use
NO_AUGMENT = Augment(rotate=0, scale=0, shear=0, shift=0)
IMAGES = ("ink", "picture")


def options() -> dict[str, FieldInfo]:
    """Every hyperparameter that can be set by name, first those of the recipe, then those of the augmentation."""
    plain = {name: field for name, field in Recipe.__pydantic_fields__.items() if name not in NOT_OPTIONS}
    return {**plain, **Augment.__pydantic_fields__}


def flag(name: str) -> str:
    """The option of `zoo train` that sets a hyperparameter: `--head-epochs`."""
    return f"--{name.replace('_', '-')}"


def type_of(field: FieldInfo) -> type:
    """The type of an option on the command line: bool, int, float or, for names and lists of names, str."""
    kinds = get_args(field.annotation) if isinstance(field.annotation, UnionType) else (field.annotation,)
    return next((kind for kind in (bool, float, int) if kind in kinds), str)


def bounds(field: FieldInfo) -> str:
    """The bounds of a number, such as "from 1 to 100,000" or "above 0"; "" for a field without bounds."""
    limits = {
        name: f"{getattr(item, name):,}"
        for item in field.metadata
        for name in ("ge", "gt", "le", "lt")
        if hasattr(item, name)
    }
    low = f"from {limits['ge']}" if "ge" in limits else f"above {limits['gt']}" if "gt" in limits else ""
    high = f"to {limits['le']}" if "le" in limits else f"below {limits['lt']}" if "lt" in limits else ""
    if "lt" in limits:
        high = f"{'to' if 'ge' in limits else 'and'} {high}"
    return f"{low} {high}".strip()


def changed(entry: Entry, overrides: dict[str, Any]) -> Recipe:
    """The recipe of `entry` with `overrides`; a value of None changes nothing.

    `augment=False` turns all augmentation off. Raises ZooError for an unknown name or data set, an impossible
    value, and an option that has no effect on this entry or with the other hyperparameters.
    """
    values = {name: value for name, value in overrides.items() if value is not None}
    augmented = values.pop("augment", True)
    if unknown := [name for name in values if name not in options()]:
        hint = near_miss(unknown[0], entry.slug) or f"it has {', '.join(options())}."
        raise ZooError(f"A recipe has no option {unknown[0]!r:.80}; {hint}")
    recipe = entry.recipe
    if not augmented:
        _check_effect("augment", entry, recipe)
        if both := [name for name in values if name in AUGMENTATION]:
            raise ZooError(f"--no-augment and {flag(both[0])} cannot be combined; omit one of them.")
        recipe = replace(recipe, augment=None)
    recipe = replaced(recipe, values)
    for name in recipe.datasets if "datasets" in values else ():
        if name != EXAMPLES:
            dataset(name)
    for name, value in values.items():
        if value:  # 0, False or "" turns something off
            _check_effect(name, entry, recipe)
            _check_use(name, recipe)
    return recipe


def changes_from_defaults(hyperparameters: Recipe | Augment) -> dict[str, Any]:
    """The hyperparameters that differ from their defaults, by name; those of the augmentation as a nested dict.

    Adding a hyperparameter with a default does not change the result.
    """
    default_values, different = defaults(type(hyperparameters)), {}
    for field in fields(hyperparameters):
        value = getattr(hyperparameters, field.name)
        if field.name not in default_values or value != default_values[field.name]:
            different[field.name] = changes_from_defaults(value) if is_dataclass(value) else value
    return different


def values(recipe: Recipe) -> dict[str, Any]:
    """Every hyperparameter by the name of its option, as plain JSON values; those of the augmentation too.

    Without augmentation, its amounts are those that change nothing.
    """
    amounts = recipe.augment or NO_AUGMENT
    flat = {name: getattr(amounts if name in Augment.__pydantic_fields__ else recipe, name) for name in options()}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in flat.items()}


def defaults(kind: type[Recipe] | type[Augment]) -> dict[str, Any]:
    """The default of each hyperparameter that has one, by name."""
    known = kind.__pydantic_fields__.items()
    return {name: field.get_default(call_default_factory=True) for name, field in known if not field.is_required()}


def replaced(recipe: Recipe, values: dict[str, Any]) -> Recipe:
    """The recipe with these values. Raises ZooError for an impossible one."""
    amounts = {name: value for name, value in values.items() if name in Augment.__pydantic_fields__}
    new = {name: value for name, value in values.items() if name not in amounts}
    if isinstance(new.get("datasets"), str):
        new["datasets"] = tuple(name.strip() for name in new["datasets"].split(",") if name.strip())
    if new.get("start_from") == "":
        new["start_from"] = None
    try:
        if amounts and (recipe.augment or any(amounts.values())):
            new["augment"] = replace(recipe.augment or NO_AUGMENT, **amounts)
        return replace(recipe, **new)
    except ValidationError as error:
        name = error.errors()[0]["loc"][0]
        raise ZooError(f"{flag(name)} is {values[name]!r:.80}; expected {expected(name)}.") from None


def expected(name: str) -> str:
    """The valid values of a hyperparameter, for an error message: "a number above 0 and below 100"."""
    field = options()[name]
    if name == "datasets":
        return "one data set or more, separated by commas"
    if get_origin(field.annotation) is Literal:
        *others, last = get_args(field.annotation)
        return f"{', '.join(others)} or {last}"
    words = {bool: "true or false", int: "a whole number", float: "a number", str: "a name"}
    return f"{words[type_of(field)]} {bounds(field)}".strip()


@dataclass(frozen=True)
class Condition:
    """A condition for options to have an effect.

    holds: called with the recipe and the entry's input kind. otherwise: why the options have no effect on an entry.
    """

    options: tuple[str, ...]
    holds: Callable[[Recipe, str], bool]
    otherwise: str


AUGMENTATION = tuple(Augment.__pydantic_fields__)
CONDITIONS = (
    Condition(("adversarial",), lambda recipe, kind: kind == "text", "which does not read texts"),
    Condition(("thickness",), lambda recipe, kind: kind == "ink", "which does not read drawings"),
    Condition(("mirror", "colour"), lambda recipe, kind: kind == "picture", "which does not read photos"),
    Condition((*AUGMENTATION, "augment"), lambda recipe, kind: kind in IMAGES, "which does not read images"),
    # `training.frozen` needs a trunk with a linear head; text models have further layers.
    Condition(("frozen", "head_epochs"), lambda recipe, kind: kind in IMAGES, "which does not read images"),
    # The features of a frozen trunk are computed once, before the first epoch.
    Condition(
        (*AUGMENTATION, "augment", "head_epochs"), lambda recipe, kind: not recipe.frozen, "whose trunk is frozen"
    ),
    Condition(("head_epochs",), lambda recipe, kind: bool(recipe.start_from), "which starts from random weights"),
)


def has_effect(name: str, entry: Entry, recipe: Recipe) -> bool:
    """Whether an option has an effect on a run of `entry` with `recipe`."""
    kind = _input_kind(entry)
    used = all(getattr(recipe, other) in use for option, other, use in USED_WITH if name == option)
    is_idle = name == "patience" and not recipe.keep_best
    return used and not is_idle and all(it.holds(recipe, kind) for it in CONDITIONS if name in it.options)


def _check_effect(name: str, entry: Entry, recipe: Recipe) -> None:
    """Raise ZooError if the option has no effect on this run, naming the entries for which it has one."""
    conditions = [condition for condition in CONDITIONS if name in condition.options]
    for condition in conditions:
        if not condition.holds(recipe, _input_kind(entry)):
            able = [
                slug
                for slug, other in catalog.entries().items()
                if all(each.holds(other.recipe, _input_kind(other)) for each in conditions)
            ]
            raise ZooError(
                f"{_spelled(name)} has no effect on {entry.slug}, {condition.otherwise}; "
                f"it works for {', '.join(able)}."
            )


# Options that are used with certain values of others only: option, the other one, its values.
USED_WITH = (
    ("momentum", "optimizer", ("sgd",)),
    ("weight_decay", "optimizer", ("adamw",)),
    ("eps", "optimizer", ("adamw", "adam")),
    ("warmup", "schedule", ("one-cycle",)),
)


def _check_use(name: str, recipe: Recipe) -> None:
    """Raise ZooError if the option has no effect with the other hyperparameters."""
    for option, other, use in USED_WITH:
        if name == option and (value := getattr(recipe, other)) not in use:
            raise ZooError(f"{flag(name)} has no effect with {flag(other)} {value}; it is for {' and '.join(use)}.")
    if name == "patience" and not recipe.keep_best:
        raise ZooError(
            "--patience has no effect without --keep-best, which is off with few examples of your own: no epoch is "
            "chosen on so small a validation set."
        )


def _spelled(name: str) -> str:
    return "--no-augment" if name == "augment" else flag(name)


def _input_kind(entry: Entry) -> str:
    return catalog.task(entry.task).input
