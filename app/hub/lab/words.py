"""The hyperparameters in plain words: a label, and one sentence on what raising or choosing each one does."""

from typing import NamedTuple


class Words(NamedTuple):
    """How the form names a hyperparameter, and what raising it does."""

    label: str
    effect: str


class Group(NamedTuple):
    """A part of the form. The first group is always open."""

    title: str
    names: tuple[str, ...]


WORDS = {
    "datasets": Words(
        "Examples to learn from", "More data sets give more varied examples, and each epoch takes longer."
    ),
    "epochs": Words("Epochs", "More epochs give the network more time to learn; training takes longer."),
    "batch": Words(
        "Batch size",
        "A larger batch makes each step steadier, and there are fewer steps in an epoch, so it may learn less.",
    ),
    "lr": Words(
        "Learning rate",
        "A higher rate takes larger steps: the network learns faster, until the steps are too large to learn.",
    ),
    "seed": Words("Seed", "Another number gives other random starting weights, so the result differs a little."),
    "optimizer": Words(
        "Optimizer",
        "How a step is computed: AdamW and Adam adapt its size for every weight; SGD takes the same for all.",
    ),
    "momentum": Words(
        "Momentum",
        "More momentum keeps the direction of SGD longer: faster on a steady slope, but it overshoots.",
    ),
    "schedule": Words(
        "Learning rate over time",
        "One-cycle rises and falls to zero, cosine only falls, constant stays; a falling rate settles more exactly.",
    ),
    "warmup": Words(
        "Warm-up", "A longer warm-up starts more gently and leaves fewer steps for the fine work at the end."
    ),
    "weight_decay": Words(
        "Weight decay",
        "More decay keeps the weights smaller: the network memorises less, but with too much it learns nothing.",
    ),
    "eps": Words("Epsilon", "A larger value makes the steps of rarely used weights smaller."),
    "label_smoothing": Words(
        "Label smoothing", "More smoothing makes the network less sure of itself, also where it is right."
    ),
    "ema": Words(
        "Averaging of weights",
        "A higher value averages over more steps: accuracy jumps about less, and follows more slowly.",
    ),
    "balance": Words(
        "Balance of labels", "A higher value makes rare labels count more, at the cost of the frequent ones."
    ),
    "adversarial": Words(
        "Adversarial noise", "More noise makes learning harder and the network less easily fooled by single words."
    ),
    "few": Words(
        "Few examples", "A higher number uses more examples of each label; leave it empty to use all of them."
    ),
    "refit": Words(
        "Train again on all examples",
        "When on, the held-out examples are learned from at the end too; it takes twice as long.",
    ),
    "keep_best": Words(
        "Keep the best epoch", "When on, the epoch with the highest accuracy is kept, otherwise the last one."
    ),
    "patience": Words(
        "Patience", "A higher number waits for more epochs without an improvement before training stops early."
    ),
    "val_every": Words(
        "Epochs between checks",
        "A higher number checks the accuracy less often, which saves time; the curve has fewer points.",
    ),
    "start_from": Words(
        "Start from",
        "Start from the weights of a trained model, which have learned something already, or from random ones.",
    ),
    "frozen": Words(
        "Keep the trunk as it is", "When on, only the last layer learns: much faster, but less can be learned."
    ),
    "head_epochs": Words(
        "Epochs for the last layer alone", "More of them prepare the last layer better before all layers learn."
    ),
    "rotate": Words("Rotate (degrees)", "A larger angle turns the images further, so turned ones are recognised too."),
    "scale": Words("Resize (share)", "A larger share makes images smaller and bigger by more."),
    "shear": Words("Slant (share)", "A larger share slants the images more, as handwriting does."),
    "shift": Words("Move (pixels)", "More pixels move the images further from the centre."),
    "elastic": Words("Distort (pixels)", "More pixels bend the lines more, as if drawn by other hands."),
    "thickness": Words("Line thickness (pixels)", "More pixels vary the thickness of the lines more."),
    "mirror": Words("Mirror", "When on, half of the photos are mirrored."),
    "colour": Words("Light (share)", "A larger share varies brightness and contrast more."),
}

GROUPS = (
    Group("", ("epochs", "batch", "lr", "seed")),
    Group(
        "How it learns",
        ("optimizer", "momentum", "schedule", "warmup", "weight_decay", "label_smoothing", "ema", "balance")
        + ("adversarial", "eps", "few", "keep_best", "refit", "patience", "val_every"),
    ),
    Group("What it starts from", ("start_from", "frozen", "head_epochs")),
    Group(
        "Random changes to the images",
        ("rotate", "scale", "shear", "shift", "elastic", "thickness", "mirror", "colour"),
    ),
)


def words(name: str) -> Words:
    """The words for a hyperparameter; for one without, its name."""
    return WORDS.get(name, Words(name.replace("_", " ").capitalize(), ""))


def value(name: str, amount: object) -> str:
    """A value as the pages write it."""
    if amount is None or amount == "":
        return "all" if name == "few" else "none"
    if isinstance(amount, bool):
        return "yes" if amount else "no"
    if isinstance(amount, float):
        return f"{amount:g}"
    if isinstance(amount, list | tuple):
        return ", ".join(map(str, amount))
    return f"{amount:,}" if isinstance(amount, int) and name != "seed" else str(amount)
