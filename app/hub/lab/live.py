"""A run while it trains, and its result."""

import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.hub import links
from app.hub.lab import charts, tools, words
from app.hub.lab.state import STATES, accuracy, seconds
from app.hub.markup import escape, plain
from app.hub.safety import fragment, guarded
from app.hub.text_blocks import caption, facts, notice
from models import catalog, runs, sweeps
from models.errors import ZooError
from models.runs import Progress, Run

ACTIVE = ("queued", "running")
EVERY = 1.0  # seconds between two looks at a run
UNKNOWN = "…"  # a figure that a run does not have yet
PARTS = {
    "validation": "training; the validation set shows how well it works",
    "refit": "training again on all examples, for the finished model",
    "head": "training the last layer alone, before all layers",
    "all examples": "training again on all examples, for the finished model",
}


def show(run: Run) -> None:
    """Draw a run: its heading, its buttons, and its curves, which grow while it trains."""
    stopping = tools.queue().stopping(run.id)
    state, word = run.state, STATES[run.state]
    if stopping:  # its process may have ended, which is no failure
        state, word = "running", "stopping"
    elif state == "queued" and tools.queue().is_of_queue(run.id):
        word = "starting"
    st.html(f'<h2 class="zoo-run"><b>{escape(run.id)}</b> <span class="zoo-state {state}">{escape(word)}</span></h2>')
    if stopping == "discard":
        notice("The run is being removed.")
    elif run.state == "queued" and tools.queue().is_of_queue(run.id):
        caption("Starting: loading PyTorch and the examples takes a few seconds.")
        _buttons(run, stopping)
    elif run.state == "queued":
        _waiting(run)
    elif run.state == "running":
        _buttons(run, stopping)
    elif run.state == "finished" or (run.state == "stopped" and _model(run)):
        _result(run)
    else:
        notice(run.reason or "Stopped before the end of the first epoch; there is no model.")
    _curves(run)
    if run.state not in ACTIVE and not stopping:
        _recipe(run)


def _waiting(run: Run) -> None:
    position = _position(run)
    if position > 1:
        notice(f"This run is number {position} in the queue and starts when the ones before it have ended.")
    elif _is_busy():
        notice("This run is next in the queue and starts when the current one has ended.")
    else:
        notice("This run is next in the queue and starts within a minute.")
    st.button("Remove from the queue", key="lab-unqueue", on_click=guarded(lambda: _unqueue(run)))


def _is_busy() -> bool:
    """Whether a run or sweep of the queue is training."""
    queue = tools.queue()
    return trains_now() is not None or any(queue.state_of_sweep(each.name) == "running" for each in sweeps.sweeps())


def trains_now() -> Run | None:
    """The run of the queue that is training or starting."""
    queue = tools.queue()
    return next((run for run in runs.runs() if run.state in ACTIVE and queue.is_of_queue(run.id)), None)


def _position(run: Run) -> int:
    """The place of a run in the queue, from 1; 0 if it does not wait."""
    waiting = [each.id for each in tools.queue().queued()] if run.state == "queued" else []
    return waiting.index(run.id) + 1 if run.id in waiting else 0


def _unqueue(run: Run) -> None:
    _stop(run, False)
    st.query_params.pop("run", None)


def _buttons(run: Run, stopping: str) -> None:
    if not tools.queue().is_of_queue(run.id):
        caption("This run was started in a terminal. Stop it there, with Ctrl-C.")
        return
    with st.container(horizontal=True, key="lab-stop"):
        st.button(
            "Stop and keep",
            icon=":material/stop_circle:",
            on_click=guarded(lambda: _stop(run, True)),
            disabled=bool(stopping),
            help="Stop training now. The best epoch so far becomes the model.",
        )
        st.button(
            "Stop and discard",
            icon=":material/delete:",
            on_click=guarded(lambda: _stop(run, False)),
            help="Stop training now and delete the run and its model.",
        )
        if stopping:
            st.html('<p class="zoo-soft" role="status">Stopping…</p>')


def _stop(run: Run, keep: bool) -> None:
    tools.queue().stop(run.id, keep)


def _model(run: Run) -> bool:
    """Whether the run has saved a model that can be used."""
    try:
        return catalog.find(run.model).origin == "mine"
    except ZooError:
        return False


def _result(run: Run) -> None:
    """The accuracy of a finished run, and links to its model."""
    if run.accuracy is not None:
        share, interval = accuracy(run)
        best = f"; best epoch {run.epoch}" if run.epoch else ""
        st.html(
            f'<p class="zoo-result"><b>{share} correct</b> <span class="zoo-soft">of {run.n or 0:,} validation '
            f"examples (95% interval {interval.strip('()')}%){best}</span></p>"
        )
    if run.sweep:
        notice("The runs of a sweep save no model. The command below trains one with these settings.")
        return
    if not _model(run):
        notice("The model of this run has been removed or replaced by a later one.")
        return
    model = catalog.find(run.model)
    beside = _beside(run)
    with st.container(horizontal=True, key="actions"):
        st.page_link(
            links.task(model.task),
            label=f"Try it beside {plain(beside.title)}" if beside else "Try it",
            icon=":material/play_arrow:",
            query_params={"models": f"{run.model},{beside.id}" if beside else run.model},
        )
        st.page_link(links.models(), label="Model page", query_params={"model": run.model})


def _beside(run: Run) -> Any:
    """The shipped model of the same entry; None if there is none for this task."""
    try:
        shipped, own = catalog.find(run.entry), catalog.find(run.model)
    except ZooError:
        return None
    return shipped if shipped.task.slug == own.task.slug else None


def _curves(run: Run) -> None:
    """The figures and curves; drawn again every second while the run waits or trains."""
    situation = _situation(run)
    active = run.state in ACTIVE or situation[-1] == "discard"

    def draw() -> None:
        current = _current(run)
        if active and (current is None or _situation(current) != situation):
            st.rerun()  # the whole page: its buttons depend on the state
        if current and not situation[1]:
            _figures(current)

    fragment(draw, run_every=EVERY if active else None)()


def _situation(run: Run) -> tuple[object, ...]:
    """What the heading and the buttons of a run depend on."""
    queue = tools.queue()
    return run.state, _position(run), queue.is_of_queue(run.id), queue.stopping(run.id)


def _current(run: Run) -> Run | None:
    try:
        return runs.read(run.id)
    except ZooError:
        return None


def _figures(run: Run) -> None:
    rows, progress = runs.curve(run.id), runs.progress(run.id)
    last = next((row for row in reversed(rows) if row["part"] == "validation"), {})
    epochs = _epochs(run, rows, progress)
    if run.state == "running":
        _where(progress, epochs)
    if not rows and run.state not in ACTIVE:
        return
    figures = {
        "Training loss": _number(last.get("loss")),
        "Validation loss": _number(last.get("validation loss")),
        "Training accuracy": _share(last.get("train accuracy")),
        "Validation accuracy": _share(last.get("accuracy")),
        "Learning rate": _rate(progress.lr if progress and run.state == "running" else last.get("lr")),
        "Time left" if run.state == "running" else "Time": _time(run, progress),
    }
    with st.container(key="lab-figures"):  # of a run that has ended, without those that its kind of net does not have
        facts(*((name, value) for name, value in figures.items() if value != UNKNOWN or run.state in ACTIVE))
    charts.live(rows, epochs, float(run.recipe.get("lr", 0)), run.state not in ACTIVE)
    caption(
        "Training: the examples it learns from. Validation: examples it does not learn from, which show how good it "
        "really is. Accuracy is measured with the averaged weights, which become the model."
    )


def _where(progress: Progress | None, epochs: int) -> None:
    """The progress of the run, as a bar."""
    if progress is None:
        st.progress(0.0, text="Reading the examples…")
        return
    share = ((progress.epoch - 1) * progress.steps + progress.step) / max(1, progress.epochs * progress.steps)
    what = PARTS.get(progress.part, progress.part)
    st.progress(min(1.0, max(0.0, share)), text=f"Epoch {progress.epoch} of {progress.epochs}: {what}")


def _epochs(run: Run, rows: Sequence[dict[str, Any]], progress: Progress | None) -> int:
    if progress and progress.part == "validation":
        return progress.epochs
    done = max((int(row["epoch"]) for row in rows if row["part"] == "validation"), default=0)
    return done if done and run.state not in ACTIVE else max(done, int(run.recipe.get("epochs", 1)))


def _time(run: Run, progress: Progress | None) -> str:
    if run.state == "running":
        left = progress.seconds_left if progress else None
        return UNKNOWN if left is None else seconds(max(0.0, left - (time.time() - progress.at)))
    return UNKNOWN if run.seconds is None else seconds(run.seconds)


def _number(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.1f}%"


def _rate(value: float | None) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.2g}" if value >= 1e-4 or not value else "< 0.0001"


def _recipe(run: Run) -> None:
    """The hyperparameters that were changed, and the command that repeats the run."""
    with st.expander("Settings of this run, and the command that repeats it"):
        changed = {name: value for name, value in run.changed.items() if name != "datasets"}
        caption(
            "Changed from the defaults: "
            + ("; ".join(f"{words.words(name).label} {words.value(name, value)}" for name, value in changed.items()))
            + "."
            if changed
            else "All settings have the network's defaults."
        )
        from shlex import join

        st.code(f"zoo train {join(run.command)}", language=None, wrap_lines=True)
        caption(f"Seed {run.seed}; data sets: {words.value('datasets', run.recipe.get('datasets', []))}.")
