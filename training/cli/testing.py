"""The test of a new model at the end of `zoo train`."""

import sys
from pathlib import Path

from training.data.dataset import Sources


def test_model(folder: Path, sources: Sources, own: bool = False, skip: bool = False) -> bool:
    """Test the new model on the data sets that need no download; returns False after Ctrl-C, or if it is skipped.

    own: whether it was trained on a user's own examples; its figures are then not printed here.
    """
    from models.checkpoint import Checkpoint
    from training.evaluate import record_available

    print(folder, flush=True)
    if skip:
        return False
    try:
        print("Testing; Ctrl-C skips it.", file=sys.stderr)
        missing = record_available(folder, sources)
        if missing:
            print(f"Not tested on {', '.join(missing)}, because the data is not on this machine.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted: not tested; the model is saved.", file=sys.stderr)
        return False
    if own:
        return True
    for name, figures in Checkpoint.open(folder).evaluation.test.items():
        low, high = figures.interval
        print(
            f"Accuracy on {name}: {figures.accuracy:.1%} (95% interval {low:.1%} to {high:.1%}), n = {figures.n:,}",
            file=sys.stderr,
        )
    return True
