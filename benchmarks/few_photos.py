"""How well one's own photos teach, a few of them: `ZOO_DATA=DATA python benchmarks/few_photos.py`.

Ten times a few photos of each place are drawn from the wonders' training photos and learnt from as `zoo train
holidays-efficientnet --examples` learns: divided, chosen by, the head trained on the frozen trunk. Each model is asked about
the 333 test photos, another collection. Prints the accuracy of each draw, and the means.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import numpy as np
import torch

from models.paths import data_home
from training.custom.plan import plan
from training.data import dataset
from training.data.dataset import Sources
from training.data.prepare import prepare
from training.frozen import Frozen
from training.run import run

EACH = (5, 20)  # photos of a place
DRAWS = 10


def accuracy(each: int, draw: int, scratch: Path) -> float:
    """Of a model of `each` photos a place, drawn by the seed `draw`, on the test photos. Draws share no more than chance has it."""
    train, random = dataset("wonders", Sources()).read("train", Sources()), np.random.default_rng(draw)
    folder = scratch / f"photos-{each}-{draw}"
    for label, name in enumerate(train.classes):
        (folder / name).mkdir(parents=True)
        for row in random.permutation(np.flatnonzero(train.labels == label))[:each]:
            (folder / name / train.inputs[row].name).symlink_to(train.inputs[row])
    made = plan("holidays-efficientnet", folder, name="few", title=None, task=None)
    trained = run(
        made.entry,
        made.entry.recipe,
        scratch / "run",
        task=made.task,
        seed=draw,
        device="cpu",
        sources=Sources(examples=made.own.dataset()),
        resume=False,
    )
    test = prepare("wonders", "test", trained.prepared.processor, made.task.labels)
    seen = Frozen(trained.served.net, "cpu").through(test)  # once: the trunk is the same in every draw
    with torch.no_grad():
        logits = trained.served.net.head(torch.from_numpy(seen.inputs["x"]))
    return float((logits.argmax(dim=1).numpy() == test.labels).mean())


def main() -> None:
    data_home().mkdir(parents=True, exist_ok=True)
    for each in EACH:
        found = []
        with tempfile.TemporaryDirectory(dir=data_home()) as scratch:
            for draw in range(DRAWS):
                found.append(100 * accuracy(each, draw, Path(scratch)))
                print(f"{each} a place, draw {draw}: {found[-1]:.1f}", flush=True)
        print(f"{each} a place: mean {np.mean(found):.2f} of {DRAWS} draws, from {min(found):.1f} to {max(found):.1f}")


if __name__ == "__main__":
    main()
