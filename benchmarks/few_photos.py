"""Measures how well models learn from a few of a user's own photos: `ZOO_DATA=DATA python benchmarks/few_photos.py`.

Ten times, draws a few photos of each place from the training photos of the data set wonders and trains on them as
`zoo train holidays-efficientnet --examples` does: validation and test photos are held out, and the head is trained on
the frozen trunk. Each model is tested on the 333 test photos, which come from another collection. Prints the accuracy
of each draw and the means.
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

EACH = (5, 20)  # photos per place
DRAWS = 10


def accuracy(each: int, draw: int, scratch: Path) -> float:
    """Accuracy on the test photos of a model trained on `each` photos per place, drawn with seed `draw`."""
    train, random = dataset("wonders", Sources()).read("train", Sources()), np.random.default_rng(draw)
    folder = scratch / f"photos-{each}-{draw}"
    for label, name in enumerate(train.classes):
        (folder / name).mkdir(parents=True)
        for row in random.permutation(np.flatnonzero(train.labels == label))[:each]:
            (folder / name / train.inputs[row].name).symlink_to(train.inputs[row])
    planned = plan("holidays-efficientnet", folder, name="few", title=None, task=None)
    trained = run(
        planned.entry,
        planned.entry.recipe,
        scratch / "run",
        task=planned.task,
        seed=draw,
        device="cpu",
        sources=Sources(examples=planned.examples.dataset()),
        resume=False,
    )
    test = prepare("wonders", "test", trained.prepared.processor, planned.task.labels)
    features = Frozen(trained.served.net, "cpu").through(test)  # cached: the trunk is the same in every draw
    with torch.no_grad():
        logits = trained.served.net.head(torch.from_numpy(features.inputs["x"]))
    return float((logits.argmax(dim=1).numpy() == test.labels).mean())


def main() -> None:
    data_home().mkdir(parents=True, exist_ok=True)
    for each in EACH:
        accuracies = []
        with tempfile.TemporaryDirectory(dir=data_home()) as scratch:
            for draw in range(DRAWS):
                accuracies.append(100 * accuracy(each, draw, Path(scratch)))
                print(f"{each} per place, draw {draw}: {accuracies[-1]:.1f}", flush=True)
        low, high = min(accuracies), max(accuracies)
        print(f"{each} per place: mean {np.mean(accuracies):.2f} of {DRAWS} draws, from {low:.1f} to {high:.1f}")


if __name__ == "__main__":
    main()
