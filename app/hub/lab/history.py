"""All training runs: the table, and the selected ones side by side."""

import streamlit as st

from app.hub.colours import colours
from app.hub.components.runs import MAX_CHOSEN, table
from app.hub.lab import charts, words
from app.hub.lab.state import accuracy, seconds
from app.hub.markup import plain
from app.hub.safety import contained, guarded
from app.hub.text_blocks import caption, notice
from app.hub.text_blocks import table as plain_table
from models import catalog, run_table, runs
from models.runs import MAX_NOTE, Run

OPEN = "lab-open"  # the run that was clicked on, until the page shows it
SECTION = '<h2 class="zoo-head">{}</h2>'


def show() -> None:
    """Draw the table of all runs, and below it what is chosen."""
    every = runs.runs()
    if not every:
        notice("There are no runs yet. Runs that you train are listed here.")
        return
    tasks = {slug: task.title for slug, task in catalog.all_tasks().items()}
    opened, chosen = table(every, tasks)
    if opened:
        st.session_state[OPEN] = opened
        st.rerun()
    caption(
        "Select runs to compare them; click a column heading to sort. Accuracy and loss are from the validation set."
    )
    if len(chosen) == MAX_CHOSEN:
        caption(f"At most {MAX_CHOSEN} runs can be compared.")
    with contained():
        if chosen:
            _chosen(chosen)
    with contained():
        _seeds(every)


def _chosen(chosen: list[Run]) -> None:
    st.html(SECTION.format("Side by side"))
    curves = {run.id: runs.curve(run.id) for run in chosen}
    without = [id for id, rows in curves.items() if not any(row["part"] == "validation" for row in rows)]
    if len(without) < len(curves):
        charts.together(curves, colours(list(curves)))
    if without:
        caption(f"No finished epochs: {', '.join(map(plain, without))}.")
    if len(chosen) > 1:
        _differences(chosen)
    for run in chosen:
        _edit(run)


def _differences(chosen: list[Run]) -> None:
    names = run_table.difference(chosen)
    rows = [["Network", *(run.entry for run in chosen)]] if len({run.entry for run in chosen}) > 1 else []
    rows += [[words.words(name).label, *(words.value(name, run.recipe.get(name)) for run in chosen)] for name in names]
    rows.append(["Seed", *(str(run.seed) for run in chosen)])
    rows.append(["Validation accuracy", *(" ".join(accuracy(run)).strip() or "–" for run in chosen)])
    rows.append(["Validation loss", *("–" if run.loss is None else f"{run.loss:.3f}" for run in chosen)])
    rows.append(["Time", *("–" if run.seconds is None else seconds(run.seconds) for run in chosen)])
    plain_table("Differences between the selected runs", ["", *(run.id for run in chosen)], rows)
    if not names:
        caption("All hyperparameters are the same.")
    if len({(run.task, run.n) for run in chosen if run.n}) > 1:
        caption("They were validated on different examples, so their figures cannot be compared.")


def _edit(run: Run) -> None:
    """The note of a run, and the button that deletes it."""
    key = f"lab-note-{run.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"lab-edit-{run.id}"):
        st.text_input(
            f"Note on {run.id}",
            run.note,
            max_chars=MAX_NOTE,
            key=key,
            on_change=guarded(lambda: runs.annotate(run.id, st.session_state[key])),
        )
        with st.popover("Delete", icon=":material/delete:", disabled=run.state in ("queued", "running")):
            st.write("This deletes the run and its curves. Its model is kept.")
            st.button("Delete this run", key=f"lab-delete-{run.id}", on_click=guarded(lambda: runs.remove(run.id)))


def _seeds(every: list[Run]) -> None:
    """Mean and spread over the seeds of equal recipes."""
    groups = sorted(run_table.groups(every), key=lambda group: -group.mean)
    if not groups:
        return
    st.html(SECTION.format("The same settings with several seeds"))
    names = run_table.differing([group.runs[0] for group in groups]) if len(groups) > 1 else []
    heads = ["Network", "Seeds", "Accuracy, mean ± spread", *(words.words(name).label for name in names)]
    rows = [
        [
            group.runs[0].entry,
            ", ".join(str(run.seed) for run in group.runs),
            f"{100 * group.mean:.1f}% ± {100 * group.std:.1f}",
            *(words.value(name, group.runs[0].recipe.get(name)) for name in names),
        ]
        for group in groups
    ]
    plain_table("Mean validation accuracy over seeds", heads, rows)
    caption("The spread is the standard deviation: how much runs differ by chance alone.")
