"""`zoo predict --out --ray`: the CSV of predictions, computed on a Ray cluster, in the order of the inputs."""

import codecs
import hashlib
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress

from app import batch
from app.cli import ray_predict
from app.cli.partial_output import PartialOutput
from models import cluster
from models.task import Task


def write(
    address: str,
    job: ray_predict.Job,
    task: Task,
    inputs: Iterable[tuple[Any, Any]],
    out: Path,
    bom: bool = False,
) -> tuple[int, int]:
    """Write a prediction for each input to the CSV file `out`; returns the number of inputs and of errors.

    address: as for `cluster.connected`. inputs: named raw inputs, also `Unread` ones. bom: as for `csv_output.write`.

    What an earlier, interrupted command has left is continued. If this one is interrupted, or fails, the complete rows
    stay in a partial file.
    """
    partial = PartialOutput(out, job.model, job.checkpoint, _header(job.headings, bom))
    console = Console(stderr=True)
    try:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            shown = progress.add_task("Reading", total=None)
            done = partial.state.chunks
            chunks, digests, total = _chunks(inputs, task, done)
            partial.check_inputs(digests[done] if done < len(digests) else "")
            if done:
                typer.echo(f"Continuing after {partial.state.rows:,} rows.", err=True)
            progress.update(shown, description="Starting Ray")
            with cluster.connected(address) as nodes:
                cluster.check(nodes, model=job.model)
                progress.update(shown, description="Predicting", total=total, completed=partial.state.rows)
                waiting: dict[int, ray_predict.Answers] = {}
                for answers in ray_predict.answers(job, chunks, cluster.workers(nodes, job.device)):
                    waiting[answers.number] = answers
                    while ready := waiting.pop(partial.state.chunks, None):
                        digest = digests[partial.state.chunks + 1]
                        partial.append(ready.csv, ready.rows, ready.failed, digest)
                        progress.update(shown, completed=partial.state.rows)
        if partial.state.rows != total:
            raise AssertionError(f"Ray returned {partial.state.rows} rows for {total} inputs")
        partial.finish()
    except BaseException as error:
        if (remark := partial.remark().strip()) and remark not in str(error):
            typer.echo(remark, err=True)
        raise
    finally:
        partial.close()
    return partial.state.rows, partial.state.failed


def _chunks(inputs: Iterable[tuple[Any, Any]], task: Task, done: int) -> tuple[list[tuple[int, bytes]], list[str], int]:
    """The chunks after the first `done`, each with its number; digests of names; and the number of inputs.

    The digests are of the names before each chunk, and at the end of all names.
    """
    digest = hashlib.sha256()
    chunks, digests, total = [], [digest.hexdigest()], 0
    for chunk in ray_predict.chunks(inputs, task):
        for name, _ in chunk:
            digest.update(f"{name!r}\n".encode("utf-8", "surrogatepass"))
        if len(digests) > done:
            chunks.append((len(digests) - 1, ray_predict.pack(chunk)))
        digests.append(digest.hexdigest())
        total += len(chunk)
    return chunks, digests, total


def _header(headings: Sequence[str] | None, bom: bool) -> str:
    text = io.StringIO(newline="")
    if bom:
        text.write(codecs.BOM_UTF8.decode())
    batch.write_header(text, headings)
    return text.getvalue().encode(ray_predict.ENCODING, ray_predict.ERRORS).decode()
