"""Test many files on a task page: images, a folder, a zip or a CSV in, a CSV of answers out (`app/batch.py`)."""

import codecs
import io
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import streamlit as st

import models
from app import batch
from app.hub import phrases
from app.hub.markup import shown
from app.hub.names import display_names
from app.hub.safety import error_sentence, fragment, guarded
from app.hub.text_blocks import caption, notice, table
from app.predict_many import predict_many
from models.catalog import Model
from models.clutter import is_clutter
from models.errors import BadInput, TooLarge, ZooError
from models.field import Field
from models.predictor import Predictor
from models.task import Task

MAX_INPUTS = 10_000  # inputs at once
FILE_MB = 30  # of one file; the server takes requests of 32 MB
MAX_TOTAL_BYTES = 120 * 2**20  # bytes of all files
MAX_UNPACKED_BYTES = (
    512 * 2**20
)  # bytes of all files in a zip according to its directory, and the limit when one is unpacked
MAX_ROWS = 5  # shown on the page
FILE = "uploaded file"  # heading of a column of the CSV
TICK = 0.25  # seconds between two updates of the progress bar
MAX_NAMED = 3  # of the files that are left out, in the summary
# Whether a file is an image is decided by its content: names of images end in many ways, or in none.
IMAGES = ("ink", "picture")
TYPES = {"ink": None, "picture": None, "text": ["csv", "tsv", "txt"], "fields": ["csv", "tsv"]}
PROMPTS = {
    "ink": f"Images of one character each, or a ZIP file of them; at most {MAX_INPUTS:,}",
    "picture": f"Photos, or a ZIP file of them; at most {MAX_INPUTS:,}",
    "fields": f"A CSV file with a column for each field; at most {MAX_INPUTS:,} rows",
    "text": f"A CSV file with a column named text, or a text file with one text per line; at most {MAX_INPUTS:,}",
}
_slots = threading.BoundedSemaphore(2)  # batches that run at the same time, of all visitors


@dataclass(frozen=True)
class Inputs:
    """The inputs in uploaded files.

    named: name and raw input of each, in order. headings: of the further columns of the CSV, if the files are texts.
    notes: for the user, on how the files were read.
    """

    count: int
    named: Iterator[tuple[Any, Any]]
    headings: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """The result of a batch. summary: a sentence; rows: name and answer of the first inputs; csv: the whole CSV."""

    summary: str
    rows: list[tuple[str, str]]
    csv: bytes


INTERRUPTED = Result(
    "The run was interrupted by a click elsewhere on the page. Click Start again and wait until it has finished.",
    [],
    b"",
)


@fragment
def many_files(task: Task, available: Sequence[Model]) -> None:
    """Draw the uploader, the choice of model and the results.

    A run starts at a click; its CSV is stored for this visit.
    """
    key, names = f"batch-{task.slug}", display_names(available)
    started, uploads, model = f"{key}-started", f"{key}-uploads", f"{key}-model"

    def start() -> None:
        st.session_state[started] = True

    with st.expander("Test many files", key=f"many-{task.slug}"):
        files = st.session_state.get(_uploader(key, uploads))
        if st.session_state.pop(started, False) and files and st.session_state.get(model) in names:
            st.session_state[key] = INTERRUPTED  # until it has finished
            st.session_state[key] = _run(st.session_state[model], names, files)
            _reset(uploads)  # removes the files
        folder = task.input in IMAGES and st.session_state.get(f"{key}-folder", False)
        files = st.file_uploader(
            f"A folder of images; at most {MAX_INPUTS:,}" if folder else PROMPTS[task.input],
            type=TYPES[task.input],
            accept_multiple_files="directory" if folder else True,
            key=_uploader(key, uploads),
            max_upload_size=FILE_MB,
        )
        if task.input in IMAGES:
            st.toggle("Upload a folder", key=f"{key}-folder", on_change=guarded(lambda: _reset(uploads)))
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.selectbox("Model", list(names), format_func=names.get, key=model, width=320)
            st.button("Start", key=f"{key}-start", disabled=not files, type="primary", on_click=guarded(start))
        if key in st.session_state:
            _show(task, st.session_state[key])
        caption("Files and answers are kept in this server's memory for this visit only.")


def _reset(uploads: str) -> None:
    """Replace the uploader by an empty one: one for files cannot become one for a folder."""
    st.session_state[uploads] = st.session_state.get(uploads, 0) + 1


def _uploader(key: str, uploads: str) -> str:
    return f"{key}-{st.session_state.get(uploads, 0)}"


def _run(id: str, names: dict[str, str], files: Sequence[Any]) -> Result:
    bar = st.progress(0.0, text="Reading the files")
    try:
        return answer_all(models.load(id), names[id], files, bar)
    except Exception as error:
        return Result(error_sentence(error), [], b"")
    finally:
        bar.empty()


def answer_all(predictor: Predictor, name: str, files: Sequence[Any], progress: Any) -> Result:
    """Answer every input of the files with one model.

    Raises ZooError if there are too many inputs, or too many batches are running.
    """
    inputs = read_inputs(files, predictor.task.input, predictor.task.fields)
    if not _slots.acquire(blocking=False):
        raise ZooError("The server is busy with other visitors' files. Try again in a minute.")
    try:
        rows: list[tuple[str, str]] = []
        file, failed, done, updated = io.StringIO(), 0, 0, 0.0
        answers = _collect(predict_many(predictor, inputs.named), rows)
        for done, succeeded in enumerate(batch.write(file, answers, inputs.headings), 1):
            failed += not succeeded
            if time.monotonic() - updated > TICK:
                updated = time.monotonic()
                progress.progress(min(1.0, done / inputs.count), text=f"{done:,} of {inputs.count:,} done")
    finally:
        _slots.release()
    summary = f"{name}: {done - failed:,} answered" + (
        f", {failed:,} could not be read; the error column of the CSV says why." if failed else "."
    )
    summary = " ".join((summary, *inputs.notes))
    return Result(summary, rows, file.getvalue().encode("utf-8", "backslashreplace"))


def read_inputs(files: Sequence[Any], kind: str, fields: Sequence[Field] = ()) -> Inputs:
    """The inputs in uploaded files, which have `name`, `size` and `getvalue`.

    fields: of a task of fields. Limits are checked before anything is decoded or unpacked. Raises BadInput.
    """
    if sum(file.size for file in files) > MAX_TOTAL_BYTES:
        raise TooLarge(f"These files exceed {MAX_TOTAL_BYTES // 2**20} MB in total. Upload fewer at once.")
    if kind not in IMAGES:
        return _table_inputs(files, fields)
    images, left_out, count = [], [], 0
    for file in files:
        if any(map(is_clutter, file.name.split("/"))):
            left_out.append(file.name)
            continue
        images.append(file)
        if _is_zip(file):
            in_zip, clutter = _count_files(file)
            count += in_zip
            left_out += [f"{file.name}/{name}" for name in clutter]
        else:
            count += 1
    _check_count(count)
    return Inputs(count, _images(images), notes=_left_out(left_out))


def _left_out(names: list[str]) -> tuple[str, ...]:
    """The note on files that are no inputs, with the names of the first ones."""
    if not names:
        return ()
    named = ", ".join(name[-60:] for name in names[:MAX_NAMED])
    more = f" and {len(names) - MAX_NAMED:,} more" if len(names) > MAX_NAMED else ""
    files = "1 file" if len(names) == 1 else f"{len(names):,} files"
    return (f"Skipped {files} that file managers and other programs create: {named}{more}.",)


def _table_inputs(files: Sequence[Any], fields: Sequence[Field]) -> Inputs:
    """The texts or rows of all files. With several files, the CSV has a column with the file of each."""

    def read(file: Any) -> batch.Texts:
        source = io.BytesIO(file.getvalue())
        if fields:
            return batch.records(source, file.name, fields)
        return batch.texts(source, file.name, has_options=False)

    contents = [read(file) for file in files]
    named: list[tuple[Any, Any]] = []
    for file, texts in zip(files, contents, strict=True):
        for row, raw in islice(texts.rows, MAX_INPUTS + 1):
            others = {**row.others, FILE: file.name} if len(files) > 1 else row.others
            named.append((replace(row, others=others), raw))
    _check_count(len(named))
    headings = dict.fromkeys(heading for texts in contents for heading in texts.headings)
    if len(files) > 1:
        headings[FILE] = None
    return Inputs(len(named), iter(named), tuple(headings), tuple(note for texts in contents for note in texts.notes))


def _check_count(count: int) -> None:
    if count > MAX_INPUTS:
        raise TooLarge(
            f"There are more than {MAX_INPUTS:,} inputs. Upload fewer at once, or use `zoo predict --out`, which has "
            "no limit."
        )
    if not count:
        raise BadInput("These files contain no inputs.")


def _images(files: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for file in files:
        if _is_zip(file):
            yield from batch.zipped(io.BytesIO(file.getvalue()), file.name)
        else:
            yield file.name, file.getvalue()


def _is_zip(file: Any) -> bool:
    return file.name.lower().endswith(".zip") or file.getvalue()[:4] == b"PK\3\4"


def _count_files(file: Any) -> tuple[int, list[str]]:
    """The number of files in a zip, and the names of those that are left out.

    Its directory is read only if it is short: each entry begins with these four bytes.
    """
    data = file.getvalue()
    if data.count(b"PK\1\2") > 2 * MAX_INPUTS:  # twice, as folders and hidden files have entries too
        _check_count(MAX_INPUTS + 1)
    with batch.opened(io.BytesIO(data), file.name) as (archive, entries):
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise TooLarge(
                f"{file.name} unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MB. Upload fewer files at once."
            )
        used = {entry.filename for entry in entries}
        every = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        return len(entries), [name for name in every if name not in used]


def _collect(rows: Iterator[tuple[Any, Any]], first: list[tuple[str, str]]) -> Iterator[tuple[Any, Any]]:
    """The rows unchanged; the first few are collected in `first` as text for the page."""
    for name, answer in rows:
        if len(first) < MAX_ROWS:
            first.append((str(name)[:60], _words(answer)))
        yield name, answer


def _words(answer: Any) -> str:
    if isinstance(answer, BadInput):
        return str(answer)
    best = shown(answer.best)
    label = best if answer.label else f"none of these ({best})"
    words = f"{label}, {phrases.percent(answer.probabilities[answer.best])}"
    return " ".join((f"{words}." if answer.notes else words, *answer.notes))


def _show(task: Task, result: Result) -> None:
    notice(result.summary)
    if not result.csv:
        return
    table("First results", ["Input", "Answer"], result.rows)
    excel = st.toggle(
        "For Excel", key=f"batch-{task.slug}-excel", help="Excel reads UTF-8 only after a byte order mark."
    )
    st.download_button(
        "Download CSV",
        codecs.BOM_UTF8 + result.csv if excel else result.csv,
        file_name=f"{task.slug}-answers.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"batch-{task.slug}-csv",
    )
