"""`python -m training mnist-cnn --epochs 20`: train one model. `python -m training zoo`: all that ship, three seeds each.

Every number of the entry's recipe is an option; without options the recipe is what the shipped checkpoint was trained by.
"""

import argparse
import json
import sys
from dataclasses import MISSING, fields
from pathlib import Path

from models.entry import Augment, Recipe
from models.errors import ZooError

HELP = {
    "datasets": "data sets to train on, divided by commas",
    "epochs": "passes over the training data",
    "batch": "examples in a batch",
    "lr": "peak learning rate",
    "weight_decay": "AdamW's weight decay",
    "label_smoothing": "share of the target spread over all labels",
    "ema": "decay of the averaged weights",
    "warmup": "share of the steps in which the rate rises",
    "few": "examples of each label to train on (and as many more to validate on); all unless said",
    "balance": "0: every example counts alike; 1: every label does",
    "refit": "train again on train and validation together: true or false",
    "start_from": "a model whose trunk is taken over",
    "rotate": "augmentation: degrees, either way",
    "scale": "augmentation: share of the size, either way",
    "shear": "augmentation: share of the height, either way",
    "shift": "augmentation: pixels, either way",
    "elastic": "augmentation: pixels, standard deviation of the control points' moves",
    "thickness": "augmentation: share of a pixel by which lines grow or shrink on each side",
}


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 1 for what the user can mend, 2 for wrong usage, 130 after Ctrl-C in the first epoch."""
    options = vars(_parser().parse_args(arguments))
    slug = options.pop("entry")
    try:
        if slug == "zoo":
            from training.seeds import train_zoo

            train_zoo(tuple(options["only"]), device=options["device"], data=options["data"], force=options["force"])
            return 0
        if slug == "study":
            from training.studies import study

            for name in options["only"]:
                print(json.dumps(study(name, device=options["device"], data=options["data"]), indent=1))
            return 0
        if slug == "evidence":
            from training.evidence_check import evidence_check

            for id in options["only"]:
                print(json.dumps(evidence_check(id, data=options["data"]), indent=1))
            return 0
        from training.train import train

        for name in ("only", "force"):
            options.pop(name)
        folder = train(slug, **options)
        print(folder)
        return 0
    except ZooError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped before anything could be kept.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.split("\n\n")[0].replace("`", ""))
    parser.add_argument("entry", help="the entry to train (mnist-cnn, ...), zoo for all that ship, study, or evidence")
    parser.add_argument("only", nargs="*", help="with zoo: these entries alone; with study: which; with evidence: models")
    parser.add_argument("--slug", dest="name", help="id of the new model; <entry>-mine unless said")
    parser.add_argument(
        "--out", type=Path, help="folder to write the checkpoint to, in place of ZOO_HOME/checkpoints/<id>"
    )
    parser.add_argument("--data", type=Path, help="the data root; ZOO_DATA unless said")
    parser.add_argument("--device", help="cpu, cuda or mps; cuda where there is one, else cpu, unless said")
    parser.add_argument("--seed", type=int, default=0, help="of weights, order and augmentation (0)")
    parser.add_argument("--resume", action="store_true", help="go on where the last run was cut off")
    parser.add_argument("--force", action="store_true", help="with zoo: also what is up to date")
    numbers = parser.add_argument_group("recipe (what is not given is the entry's own)")
    for field in (*fields(Recipe), *fields(Augment)):
        if field.name != "augment":
            kind = int if field.name == "few" else _kind(field.default)
            numbers.add_argument(f"--{field.name.replace('_', '-')}", type=kind, help=HELP.get(field.name))
    return parser


def _kind(default):
    return _truth if isinstance(default, bool) else str if default in (None, MISSING) else type(default)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


if __name__ == "__main__":
    sys.exit(main())
