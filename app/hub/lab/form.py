"""The form of a training run: task, network, examples and hyperparameters, made from the fields of the recipe."""

from collections.abc import Callable, Sequence
from math import floor, log10
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.hub.lab import tools, words
from app.hub.lab.command import MAX_EPOCHS, MAX_NAME, Choice, free_name
from app.hub.markup import plain
from app.hub.safety import guarded
from app.hub.text_blocks import caption, notice
from models import catalog
from models.entry import Entry, Recipe
from models.errors import ZooError
from models.task import Task

START = "lab-form-"  # of the keys of the form's widgets
FIRST_TASK, FIRST_ENTRY = "digits", "mnist-cnn"
ASKED = "lab-asked"  # the network that the last link to the lab named
SMALL = "digits8x8"  # trains in seconds and comes with scikit-learn
MAX_PATH = 1_000  # characters
MAX_SEED = 2**32 - 1
OWN = "Your own examples"
DECISIVE = ("frozen", "optimizer", "start_from", "schedule", "keep_best")  # for what else has an effect
BOOSTED = ("epochs", "lr", "weight_decay")  # what trees are fitted with (`training/boosting.py`)
WHERE = {
    "here": "on this machine",
    "downloaded": "not on this machine yet; training downloads it first",
    "missing": "not on this machine, and there is no automatic download; training will say how to get it",
}


def keep_values() -> None:
    """Keep the values of the form while another part of the page is shown; Streamlit would drop them."""
    for key in list(st.session_state):
        if str(key).startswith(START):
            st.session_state[key] = st.session_state[key]


def form(own_allowed: bool, actions: Callable[[Choice], None], more: DeltaGenerator) -> None:
    """Draw the form.

    own_allowed: whether a folder or file of this machine may be named. actions: draws the buttons for the choice.
    more: the container for the hyperparameters that are rarely changed, and for the name.
    """
    entry = choose_entry()
    task = catalog.task(entry.task)
    datasets, examples, label_column = (), None, ""
    source = _source() if own_allowed else ""
    if source == OWN:
        examples, label_column = _own(task)
    else:
        datasets = choose_datasets(entry, task, is_labelled=source == "")
    recipe = tools.recipe()
    fields, defaults = recipe.options(), recipe.values(entry.recipe)
    draft = _draft(entry, recipe)
    shown = {name for name in fields if _has_effect(name, entry, draft, recipe)}
    changes: dict[str, Any] = {}

    def widgets(names: Sequence[str], key: str) -> None:
        with st.container(key=f"lab-grid-{key}"):
            for name in (name for name in names if name in shown):
                value = _field(entry, name, fields[name], defaults[name])
                if problem := _problem(name, fields[name], value):
                    problems.append(problem)
                elif value != defaults[name] and value is not None:
                    changes[name] = value
            seeds.extend([_seed(entry)] if key == "main" else [])

    problems: list[str] = []
    seeds: list[int] = []
    first, *others = words.GROUPS
    widgets(first.names, "main")
    with more:
        for number, group in enumerate(others):
            if shown & set(group.names):
                with st.expander(group.title):
                    widgets(group.names, f"more-{number}")
        name = _name(entry)
    if not 0 <= seeds[0] <= MAX_SEED:
        problems.append(f"Seed: expected a whole number from 0 to {MAX_SEED:,}.")
    for problem in problems:
        notice(problem)
    actions(Choice(entry.slug, name, seeds[0], changes, datasets, examples, label_column, is_valid=not problems))
    _changes(entry, changes, defaults)


def chosen() -> Entry:
    """The network that is selected in the form."""
    task = st.session_state.get(f"{START}task", FIRST_TASK)
    return catalog.entry(st.session_state.get(f"{START}entry-{task}", FIRST_ENTRY))


def _source() -> str:
    both = ("The Zoo's examples", OWN)
    st.session_state.setdefault(f"{START}source", both[0])
    return st.segmented_control("Learn from", both, key=f"{START}source", required=True) or both[0]


def effective(entry: Entry) -> list[str]:
    """The hyperparameters that have an effect on the entry, in the order of the form. Not the seed."""
    recipe = tools.recipe()
    names = [name for group in words.GROUPS for name in group.names if name in recipe.options()]
    return [name for name in names if _has_effect(name, entry, entry.recipe, recipe)]


def choose_entry() -> Entry:
    """The lists of tasks and networks; returns the selected network."""
    entries = catalog.entries()
    tasks = {slug: task for slug, task in catalog.all_tasks().items() if any(e.task == slug for e in entries.values())}
    asked = entries.get(st.query_params.get("entry", ""))
    if asked and st.session_state.get(ASKED) != asked.slug:  # by a link
        st.session_state[ASKED] = asked.slug
        st.session_state[f"{START}task"], st.session_state[f"{START}entry-{asked.task}"] = asked.task, asked.slug
    key = f"{START}task"
    if st.session_state.get(key) not in tasks:
        st.session_state[key] = FIRST_TASK if FIRST_TASK in tasks else next(iter(tasks))
    with st.container(key="lab-grid-entry"):
        slug = st.selectbox("Task", list(tasks), format_func=lambda slug: tasks[slug].title, key=key)
        of_task = {entry.slug: entry for entry in entries.values() if entry.task == slug}
        key = f"{START}entry-{slug}"
        if st.session_state.get(key) not in of_task:
            st.session_state[key] = FIRST_ENTRY if FIRST_ENTRY in of_task else next(iter(of_task))
        chosen = of_task[st.session_state[key]]
        st.selectbox(
            "Network",
            list(of_task),
            format_func=lambda slug: of_task[slug].title,
            key=key,
            help=chosen.description,
        )
    return of_task[st.session_state[key]]


def choose_datasets(entry: Entry, task: Task, is_labelled: bool = True) -> tuple[str, ...]:
    """The data sets to learn from, and where they come from; returns those that are chosen."""
    names = list(dict.fromkeys([*tools.availability().trainable((*task.datasets, *entry.recipe.datasets))]))
    key = f"{START}datasets-{entry.slug}"
    if key not in st.session_state:
        st.session_state[key] = [SMALL] if SMALL in names else list(entry.recipe.datasets)
    chosen = st.pills(
        words.WORDS["datasets"].label,
        names,
        selection_mode="multi",
        format_func=lambda name: plain(task.dataset_names.get(name, name)),
        key=key,
        help=words.WORDS["datasets"].effect,
        label_visibility="visible" if is_labelled else "collapsed",
    )
    if not chosen:
        notice("Choose at least one data set.")
    for name in chosen:
        where = _where(name)
        if name == SMALL:
            caption("1,000 digits of 8 x 8 pixels, with no download: training is quick.")
        elif where != "here":
            caption(f"{task.dataset_names.get(name, name).capitalize()}: {WHERE[where]}.")
    return tuple(name for name in names if name in chosen)


@st.cache_data(ttl=60, show_spinner=False)
def _where(name: str) -> Literal["here", "downloaded", "missing"]:
    return tools.availability().availability(name)


def _own(task: Task) -> tuple[Path | None, str]:
    what = {
        "ink": "a folder with one folder of images per label",
        "picture": "a folder with one folder of images per label",
        "text": "a CSV file with the columns text and label",
        "fields": "a CSV file with a column for each value and one for the label",
    }[task.input]
    path = st.text_input(
        "Folder or file on this machine",
        max_chars=MAX_PATH,
        key=f"{START}path",
        placeholder="/home/me/drawings" if task.input in ("ink", "picture") else "/home/me/examples.csv",
        help=f"For this network: {what}. The model's folder will contain none of the examples.",
    ).strip()
    label = ""
    if task.input in ("text", "fields"):
        label = st.text_input("Column with the labels", "label", max_chars=200, key=f"{START}label-column").strip()
    if not path:
        caption(f"Enter the path of {what}, with at least three examples of each label.")
        return None, label
    file = Path(path).expanduser()
    if not file.is_absolute() or not file.exists():
        notice("There is no such folder or file on this machine; enter its full path.")
        return None, label
    return file, label


def _draft(entry: Entry, recipe: ModuleType) -> Recipe:
    """The entry's recipe with the values of the form that decide what else has an effect."""
    known = {name: st.session_state.get(_key(entry, name)) for name in DECISIVE}
    try:
        return recipe.replaced(entry.recipe, {name: value for name, value in known.items() if value is not None})
    except ZooError:
        return entry.recipe


def _has_effect(name: str, entry: Entry, draft: Recipe, recipe: ModuleType) -> bool:
    if name == "datasets" or (name == "start_from" and not entry.recipe.start_from):
        return False
    if name == "frozen" and not draft.start_from:
        return False  # random weights are not worth keeping
    if entry.boosted:
        return name in BOOSTED
    return recipe.has_effect(name, entry, draft)


def _key(entry: Entry, name: str) -> str:
    return f"{START}{entry.slug}-{name}"


def _seed(entry: Entry) -> int:
    text = words.WORDS["seed"]
    key = _key(entry, "seed")
    st.session_state.setdefault(key, 0)
    return int(st.number_input(text.label, step=1, key=key, help=text.effect) or 0)


def _field(entry: Entry, name: str, field: Any, default: Any) -> Any:
    """The widget of one hyperparameter; returns its value."""
    text, key = words.words(name), _key(entry, name)
    entry_value = f"Default: {words.value(name, default)}."
    help = " ".join(filter(None, (f"{field.description}.", text.effect, entry_value)))
    kind = tools.recipe().type_of(field)
    number = kind in (int, float) and default is not None
    st.session_state.setdefault(key, kind(default) if number or kind is bool else default)
    if kind is bool:
        return st.checkbox(text.label, key=key, help=help)
    if get_origin(field.annotation) is Literal:
        return st.selectbox(text.label, list(get_args(field.annotation)), key=key, help=help)
    if kind is str:
        return st.selectbox(
            text.label, [default, ""], key=key, help=help, format_func=lambda value: value or "random weights"
        )
    # Without bounds: the browser would keep a number beyond them to itself, and the run would have the one before it.
    if kind is int:
        value = st.number_input(text.label, step=1, key=key, help=help, placeholder="all" if name == "few" else "none")
        return value if value is None else int(value)
    value = st.number_input(text.label, step=_step(default, limits(name, field)[1]), format="%g", key=key, help=help)
    same = isinstance(default, int | float) and value == default
    return default if same else value


def _problem(name: str, field: Any, value: Any) -> str:
    """A sentence about a number that is out of its limits; "" for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    low, high = limits(name, field)
    if low <= value <= high:
        return ""
    most = f"{'a whole number' if isinstance(value, int) else 'a number'} from {low:,.4g} to {high:,.7g}"
    return f"{words.words(name).label}: expected {most if 'epochs' in name else tools.recipe().expected(name)}."


def limits(name: str, field: Any) -> tuple[float, float]:
    """The lowest and the highest value of a number in the form."""
    found = {
        kind: getattr(item, kind) for item in field.metadata for kind in ("ge", "gt", "le", "lt") if hasattr(item, kind)
    }
    low = float(found.get("ge", found.get("gt", 0) + 1e-9 if "gt" in found else 0))
    high = float(found.get("le", found.get("lt", 10_000)))
    return low, min(high, MAX_EPOCHS) if "epochs" in name else high


def _step(default: float, high: float) -> float:
    """What the buttons + and - add: a tenth of the default's power of ten."""
    if default:
        return 10.0 ** (floor(log10(default)) - (1 if default < high / 10 else 0))
    return high / 20 if high <= 1 else 0.5


def _changes(entry: Entry, changes: dict[str, Any], defaults: dict[str, Any]) -> None:
    """What differs from the entry's recipe, with a button that resets it."""
    with st.container(key="lab-changes", horizontal=True, vertical_alignment="center"):
        if not changes:
            caption("All settings have this network's defaults.")
            return
        was = (
            f"{words.words(name).label} {words.value(name, value)} (default: {words.value(name, defaults[name])})"
            for name, value in changes.items()
        )
        caption(f"Changed: {'; '.join(was)}.")
        st.button("Reset", key="lab-reset", on_click=guarded(_reset(entry)), icon=":material/undo:")


def _reset(entry: Entry) -> Callable[[], None]:
    def reset() -> None:
        for key in list(st.session_state):
            if str(key).startswith(_key(entry, "")) and "-name-" not in str(key):
                del st.session_state[key]

    return reset


def _name(entry: Entry) -> str:
    free = free_name(entry.slug)
    key = f"{START}name-{free}"
    st.session_state.setdefault(key, free)
    return st.text_input(
        "Name of the new model",
        max_chars=MAX_NAME,
        key=key,
        help="Lower-case letters, digits and hyphens. The model is listed under this name.",
    ).strip()
