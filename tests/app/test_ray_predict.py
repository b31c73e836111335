"""`zoo predict --out --ray` writes the file that one machine writes, whatever happens to a node, a disk or itself."""

import errno
import json
import os
import random
import zipfile
from pathlib import Path

import pytest

from app.cli import inputs, ray_predict
from app.cli.partial_output import PartialOutput
from models import catalog
from models.errors import ZooError
from tests.app.conftest import ONE, REFUSED, drawing, encoded, sentence

NAMES = 1500
SMALL = 32  # inputs in a chunk of these tests


@pytest.fixture
def names(tmp_path, monkeypatch) -> Path:
    """A table of names, of which one has too many columns, in chunks of 32."""
    monkeypatch.setitem(ray_predict.CHUNK, "text", SMALL)
    letters = random.Random(0)
    drawn = ["".join(letters.choices("abcdefgaeiou\u00e9", k=letters.randint(3, 12))) for _ in range(NAMES)]
    drawn[40] += ",1"
    file = tmp_path / "names.csv"
    file.write_text("text,number\n" + "".join(f"{name},=1{row}\n" for row, name in enumerate(drawn)))
    return file


@pytest.fixture
def expected(zoo, names, tmp_path) -> bytes:
    """The file that one machine writes for the names."""
    out = tmp_path / "expected.csv"
    assert zoo("predict", "names-ngrams", "--from", names, "--out", out)[0] == 1
    return out.read_bytes()


def on_append(monkeypatch, action):
    """Call `action(number of the chunk)` before the rows of each chunk are written."""
    append = PartialOutput.append

    def acted(self, *rows):
        action(self.state.chunks)
        append(self, *rows)

    monkeypatch.setattr(PartialOutput, "append", acted)


def test_images_of_every_form_give_the_same_file(zoo, two_nodes, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scans = tmp_path / "scans"
    (scans / "b").mkdir(parents=True)
    for number in range(70):
        (scans / f"{number}.png").write_bytes(encoded(drawing().rotate(number)))
    (scans / "b" / "blank.png").write_bytes(REFUSED["blank"][0])
    (scans / "b" / "one.json").write_text(json.dumps({"strokes": ONE}))
    (scans / "b" / "bad.json").write_text("{")
    os.mkfifo(scans / "b" / "pipe.png")
    (scans / "b" / "gone.png").symlink_to("nowhere.png")
    with zipfile.ZipFile("more.zip", "w") as zipped:
        for name in ("z.png", "__MACOSX/x.png", "y.png"):
            zipped.writestr(name, encoded(drawing()))
        zipped.writestr("one.json", json.dumps({"strokes": ONE}))
        zipped.writestr("d.txt", "no image")
    arguments = ("predict", "mnist-cnn", "scans", "more.zip", "scans/1.png", "none/x.png", "--bom", "--out")
    assert zoo(*arguments, "one.csv")[0] == 1
    code, out, err = zoo(*arguments, "scans/ray.csv", "--ray", two_nodes.address)
    assert (code, out) == (1, "")
    assert err == "Wrote 81 rows to scans/ray.csv, 6 of them errors.\n"
    assert Path("scans/ray.csv").read_bytes() == Path("one.csv").read_bytes()
    assert not list(scans.glob("*.partial*"))


def test_a_node_that_is_lost_loses_no_row(zoo, two_nodes, names, expected, tmp_path, monkeypatch):
    import ray

    node = two_nodes.add()

    def kill(number):
        nonlocal node
        actors = ray._private.state.actors().values()
        working = {actor["Address"]["NodeID"] for actor in actors if actor["State"] == "ALIVE"}
        if node and number > 3 and node.node_id in working:
            two_nodes.kill(node)
            node = None

    on_append(monkeypatch, kill)
    out = tmp_path / "ray.csv"
    code, printed, err = zoo("predict", "names-ngrams", "--from", names, "--out", out, "--ray", two_nodes.address)
    assert node is None, "the node had nothing to do"
    assert (code, printed) == (1, "") and err.endswith(f"Wrote 1,500 rows to {out}, 1 of them errors.\n")
    assert out.read_bytes() == expected


def test_an_interrupted_command_is_continued(zoo, two_nodes, names, expected, tmp_path, monkeypatch):
    out, partial = tmp_path / "ray.csv", tmp_path / "ray.csv.partial"
    arguments = ("predict", "names-ngrams", "--from", names, "--out", out, "--ray", two_nodes.address)

    def interrupt(number):
        if number == 5:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        on_append(patch, interrupt)
        code, _, err = zoo(*arguments)
    assert code == 130 and f"160 rows are in {partial}; the same command continues after them." in err
    assert not out.exists() and expected.startswith(partial.read_bytes())
    with partial.open("ab") as file:
        file.write(b"the beginning of a row that a killed process left")
    other = tmp_path / "other.csv"
    other.write_text("text\nAda\n")
    refused = zoo("predict", "names-ngrams", "--from", other, "--out", out, "--ray", two_nodes.address)
    sentence(refused, "was begun with another model, checkpoint or other columns")
    other.write_text(names.read_text().replace("\n", "\nAda,=10\n", 1))
    refused = zoo("predict", "names-ngrams", "--from", other, "--out", out, "--ray", two_nodes.address)
    assert refused[0] == 1 and "was begun with other inputs, or they have changed" in refused[2]
    code, _, err = zoo(*arguments)
    assert code == 1 and err.startswith("Continuing after 160 rows.\nWrote 1,500 rows")
    assert out.read_bytes() == expected and not list(tmp_path.glob("*.partial*"))


def test_a_full_disk_loses_no_row(tmp_path, monkeypatch):
    out = tmp_path / "out.csv"
    first = PartialOutput(out, "m", "c", "input\n")
    first.append(b"a\nb\n", 2, 1, "digest")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(ZooError, match=r"No space left on device\. 2 rows are in .*partial; the same command"):
            first.append(b"c\n", 1, 0, "another")
    first.close()
    again = PartialOutput(out, "m", "c", "input\n")
    assert (again.state.rows, again.state.failed, again.state.inputs) == (2, 1, "digest")
    again.append(b"d\n", 1, 0, "another")
    again.finish()
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"] and out.read_text() == "input\na\nb\nd\n"


def test_without_a_cluster_nothing_is_left(zoo, names, tmp_path):
    out = tmp_path / "ray.csv"
    unreachable = zoo("predict", "names-ngrams", "--from", names, "--out", out, "--ray", "127.0.0.1:1")
    sentence(unreachable, "The Ray cluster at 127.0.0.1:1 cannot be reached: Connection refused")
    sentence(zoo("predict", "names-ngrams", "Ada", "--ray", "local"), "add --out FILE")
    assert [path.name for path in tmp_path.iterdir()] == ["names.csv"]


def test_files_that_a_node_does_not_have_are_a_sentence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("scans").mkdir()
    Path("scans/a.png").write_bytes(encoded(drawing()))
    task = catalog.task("digits")
    packed = ray_predict.pack(list(inputs.named(["scans", "none/x.png"], task, Path("out.csv"), unread=True)))
    chunk = {"number": [0], "inputs": [packed]}
    job = ray_predict.job("mnist-cnn", None, None, None)
    (text,) = ray_predict.Worker(job)(chunk)["csv"]
    assert text.startswith(b"scans/a.png,1,1,") and b"\nnone/x.png,,,,,Could not read none/x.png" in text
    Path("scans").rename("moved")
    answer = ray_predict.Worker(job)(chunk)
    assert answer["problem"] == [True] and b"does not have scans; share it" in answer["csv"][0]


def test_a_worker_with_another_checkpoint_answers_nothing():
    job = ray_predict.Job("mnist-cnn", "0" * 12, None, None, None, ".")
    answer = ray_predict.Worker(job)({"number": [3], "inputs": [ray_predict.pack([])]})
    assert answer["problem"] == [True] and b"another checkpoint of mnist-cnn" in answer["csv"][0]


def test_a_partial_file_that_was_replaced_is_begun_again(tmp_path):
    out = tmp_path / "out.csv"
    first = PartialOutput(out, "m", "c", "input\n")
    first.append(b"a\n", 1, 0, "digest")
    first.close()
    (tmp_path / "out.csv.partial").write_text("x")
    again = PartialOutput(out, "m", "c", "input\n")
    assert again.state.chunks == 0 and (tmp_path / "out.csv.partial").read_text() == "input\n"
    again.close()
    assert not list(tmp_path.iterdir())


def test_two_commands_do_not_write_the_same_file(zoo, tmp_path):
    out = tmp_path / "out.csv"
    first = PartialOutput(out, "m", "c", "input\n")
    first.append(b"a\n", 1, 0, "digest")
    # In the same process: a FileLock that another object holds is refused as that of another process.
    second = zoo("predict", "names-ngrams", "Ada", "--out", out, "--ray", "127.0.0.1:1")
    sentence(second, f"Another command is writing {out}.partial; wait for it, or pass another --out.")
    first.append(b"b\n", 1, 0, "another")
    first.close()
    for model in ("another", "m"):  # what is refused for another reason holds no lock
        try:
            again = PartialOutput(out, model, "c", "input\n")
        except ZooError as error:
            assert model == "another" and "was begun with another model" in str(error)
    assert again.state.rows == 2
    again.finish()
    again.close()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"] and out.read_text() == "input\na\nb\n"


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(ZooError, match="Could not write"):
        PartialOutput(tmp_path / "no" / "out.csv", "m", "c", "input\n")
