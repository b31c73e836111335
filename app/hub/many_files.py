"""Many inputs at once on a task page: files, a folder, a zip or a CSV in, a CSV of answers out (`app/batch.py`)."""

import io
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import streamlit as st

import models
from app import batch
from app.hub import phrases
from app.hub.names import display_names
from app.hub.safety import error_sentence, fragment, guarded
from app.hub.text_blocks import caption, notice, table
from app.predict_many import predict_many
from models.catalog import Model
from models.errors import BadInput, TooLarge, ZooError
from models.predictor import Predictor
from models.task import Task

MAX_INPUTS = 10_000  # inputs at once
FILE_MB = 30  # of one file; the server takes requests of 32 MB
MAX_TOTAL_BYTES = 120 * 2**20  # bytes of all files
MAX_UNPACKED_BYTES = (
    512 * 2**20
)  # bytes of all files in a zip, by its own list; no more than that is unpacked of any of them
SHOWN = 5  # of the rows
TICK = 0.25  # seconds between two moves of the progress bar
IMAGES = ["zip", "png", "jpg", "jpeg", "webp", "gif", "bmp", "tif", "tiff"]
TYPES = {"ink": IMAGES, "picture": [*IMAGES, "heic", "heif", "avif"], "text": ["csv", "txt"]}
TAKES = {
    "ink": f"Images of one character each, or a ZIP file of them; at most {MAX_INPUTS:,}",
    "picture": f"Photos, or a ZIP file of them; at most {MAX_INPUTS:,}",
    "text": f"A CSV file with a column named text, or a text file with one text per line; at most {MAX_INPUTS:,}",
}
_turns = threading.BoundedSemaphore(2)  # batches that are answered at once, of all visitors


@dataclass(frozen=True)
class Done:
    """What came of a batch. said: in words; rows: the first, name and answer; table: the CSV."""

    said: str
    rows: list[tuple[str, str]]
    table: bytes


STOPPED = Done(
    "The run was interrupted by a click elsewhere on the page. Click Start again and wait until it has finished.",
    [],
    b"",
)


@fragment
def many(task: Task, available: Sequence[Model]) -> None:
    """The way in for many, folded away; answering starts at a click, and the CSV stays for this visit."""
    kept, called = f"batch-{task.slug}", display_names(available)
    asked, times, who = f"{kept}-asked", f"{kept}-times", f"{kept}-who"

    def ask() -> None:
        st.session_state[asked] = True

    with st.expander("Test many files", key=f"many-{task.slug}"):
        files = st.session_state.get(_field(kept, times))
        if st.session_state.pop(asked, False) and files and st.session_state.get(who) in called:
            st.session_state[kept] = STOPPED  # unless it comes through
            st.session_state[kept] = _tried(st.session_state[who], called, files)
            _renewed(times)  # the files go
        folder = task.input != "text" and st.session_state.get(f"{kept}-folder", False)
        files = st.file_uploader(
            f"A folder of images; at most {MAX_INPUTS:,}" if folder else TAKES[task.input],
            type=TYPES[task.input],
            accept_multiple_files="directory" if folder else True,
            key=_field(kept, times),
            max_upload_size=FILE_MB,
        )
        if task.input != "text":
            st.toggle("Upload a folder", key=f"{kept}-folder", on_change=guarded(lambda: _renewed(times)))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox("Model", list(called), format_func=called.get, key=who, width=320)
            st.button("Start", key=f"{kept}-go", disabled=not files, type="primary", on_click=guarded(ask))
        if kept in st.session_state:
            _show(task, st.session_state[kept])
        caption("Files and answers are held in this server's memory for this visit only.")


def _renewed(times: str) -> None:
    """A new field for the files: one that takes files cannot become one that takes a folder."""
    st.session_state[times] = st.session_state.get(times, 0) + 1


def _field(kept: str, times: str) -> str:
    return f"{kept}-{st.session_state.get(times, 0)}"


def _tried(id: str, called: dict[str, str], files: Sequence[Any]) -> Done:
    bar = st.progress(0.0, text="Reading the files")
    try:
        return answer_all(models.load(id), called[id], files, bar)
    except Exception as error:
        return Done(error_sentence(error), [], b"")
    finally:
        bar.empty()


def answer_all(predictor: Predictor, called: str, files: Sequence[Any], progress: Any) -> Done:
    """Every input of the files answered by one model, with progress. Raises ZooError where there is too much, or too much going on."""
    count, inputs = unfolded(files, predictor.task.input)
    if not _turns.acquire(blocking=False):
        raise ZooError("The server is busy with other visitors' files. Try again in a minute.")
    try:
        rows: list[tuple[str, str]] = []
        file, failed, seen, moved = io.StringIO(), 0, 0, 0.0
        given = _noted(predict_many(predictor, inputs), rows)
        for seen, good in enumerate(batch.write(file, given), 1):
            failed += not good
            if time.monotonic() - moved > TICK:
                moved = time.monotonic()
                progress.progress(min(1.0, seen / count), text=f"{seen:,} of {count:,} done")
    finally:
        _turns.release()
    told = f"{called}: {seen - failed:,} answered" + (
        f", {failed:,} could not be read; the error column of the CSV says why." if failed else "."
    )
    return Done(told, rows, file.getvalue().encode("utf-8", "backslashreplace"))


def unfolded(files: Sequence[Any], kind: str) -> tuple[int, Iterator[tuple[str, Any]]]:
    """How many inputs uploaded files (each has `name`, `size`, `getvalue`) hold, and each one's name and raw input, in their order.

    Bounded before anything is decoded or unpacked. Raises BadInput.
    """
    if sum(file.size for file in files) > MAX_TOTAL_BYTES:
        raise TooLarge(f"These files exceed {MAX_TOTAL_BYTES // 2**20} MB in total. Upload fewer at once.")
    if kind == "text":
        written = [text for file in files for text in islice(_texts(file), MAX_INPUTS + 1)]
        _few(len(written))
        return len(written), ((text, text) for text in written)
    count = sum(_members(file) if _is_zip(file) else 1 for file in files)
    _few(count)
    return count, _images(files)


def _few(count: int) -> None:
    if count > MAX_INPUTS:
        raise TooLarge(
            f"There are more than {MAX_INPUTS:,} inputs. Upload fewer at once, or use `zoo predict --out`, which takes any number."
        )
    if not count:
        raise BadInput("These files contain no inputs.")


def _texts(file: Any) -> Iterator[str]:
    return batch.texts(io.TextIOWrapper(io.BytesIO(file.getvalue()), "utf-8", newline=""), file.name)


def _images(files: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for file in files:
        if _is_zip(file):
            yield from batch.zipped(io.BytesIO(file.getvalue()), file.name)
        else:
            yield file.name, file.getvalue()


def _is_zip(file: Any) -> bool:
    return file.name.lower().endswith(".zip")


def _members(file: Any) -> int:
    """How many files a zip holds. Its list is not read before it is known to be short: each line of it begins with these four bytes."""
    data = file.getvalue()
    if data.count(b"PK\1\2") > 2 * MAX_INPUTS:  # twice: folders and hidden files are in it too
        _few(MAX_INPUTS + 1)
    with batch.opened(io.BytesIO(data), file.name) as (_, entries):
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise TooLarge(
                f"{file.name} unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB. Upload fewer files at once."
            )
        return len(entries)


def _noted(rows: Iterator[tuple[str, Any]], first: list[tuple[str, str]]) -> Iterator[tuple[str, Any]]:
    """The rows as they are; the first few are noted in words for the page."""
    for name, answer in rows:
        if len(first) < SHOWN:
            said = str(answer) if isinstance(answer, BadInput) else answer.label or f"none of these ({answer.best})"
            sure = "" if isinstance(answer, BadInput) else f", {phrases.percent(answer.probabilities[answer.best])}"
            first.append((name[:60], said + sure))
        yield name, answer


def _show(task: Task, done: Done) -> None:
    notice(done.said)
    if not done.table:
        return
    table("First results", ["input", "answer"], done.rows)
    st.download_button(
        "Download CSV",
        done.table,
        file_name=f"{task.slug}-answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"batch-{task.slug}-csv",
    )
