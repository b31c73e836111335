"""The hyperparameters in plain words: a label, and one sentence on the effect of each."""

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
        "Examples to learn from", "More data sets give more varied examples, but each epoch takes longer."
    ),
    "epochs": Words("Epochs", "More epochs give the network more time to learn, but training takes longer."),
    "batch": Words(
        "Batch size",
        "A larger batch makes each step less noisy but leaves fewer steps per epoch, so it may take more epochs.",
    ),
    "lr": Words(
        "Learning rate",
        "A higher rate takes larger steps: the network learns faster, but if they are too large, it does not learn.",
    ),
    "seed": Words("Seed", "Another seed starts from other random weights, so the result differs slightly."),
    "optimizer": Words(
        "Optimizer",
        "AdamW and Adam adapt the step size for each weight; SGD uses the same learning rate for all weights.",
    ),
    "momentum": Words(
        "Momentum",
        "With more momentum, SGD keeps its direction longer: it is faster on a steady slope but may overshoot.",
    ),
    "schedule": Words("Learning rate schedule", "A rate that falls towards the end lets the weights settle."),
    "warmup": Words("Warm-up", "A longer warm-up starts more gently and leaves fewer of the small steps at the end."),
    "weight_decay": Words(
        "Weight decay",
        "More decay keeps the weights smaller: the network memorises less, but with too much it learns nothing.",
    ),
    "eps": Words("Epsilon", "A larger value shortens the steps of weights whose gradients are small."),
    "label_smoothing": Words(
        "Label smoothing", "More smoothing makes the network less confident, even where it is right."
    ),
    "ema": Words(
        "Averaging of weights",
        "A higher value averages over more steps: accuracy fluctuates less, but rises with a delay.",
    ),
    "balance": Words(
        "Balance of labels", "A higher value makes rare labels count more, at the expense of frequent ones."
    ),
    "adversarial": Words(
        "Adversarial noise", "More noise makes learning harder, but the network relies less on single words or letters."
    ),
    "few": Words("Few examples", "Leave it empty to train on all examples."),
    "refit": Words(
        "Train again on all examples",
        "When on, the finished model also learns from the validation set; training takes up to twice as long.",
    ),
    "keep_best": Words(
        "Keep the best epoch",
        "When on, the model has the weights of the best epoch on the validation set, otherwise those of the last one.",
    ),
    "patience": Words("Patience", "A higher number waits longer for an improvement before training stops."),
    "val_every": Words(
        "Epochs between validations",
        "A higher number validates less often, which saves time; the curve has fewer points.",
    ),
    "start_from": Words(
        "Starting weights",
        "A trained model has already learned something useful; random weights start from nothing.",
    ),
    "frozen": Words(
        "Freeze the trunk", "When on, only the last layer learns: much faster, but the network can learn less."
    ),
    "head_epochs": Words(
        "Epochs for the last layer alone", "More epochs prepare the last layer better before all layers learn."
    ),
    "rotate": Words(
        "Rotate (degrees)", "A larger angle rotates the images further, so tilted ones are recognised too."
    ),
    "scale": Words("Resize (share)", "A larger share shrinks and enlarges the images more."),
    "shear": Words("Slant (share)", "A larger share slants the images more, as in handwriting."),
    "shift": Words("Move (pixels)", "More pixels move the images further from the centre."),
    "elastic": Words("Distort (pixels)", "More pixels bend the lines more, as if drawn by other hands."),
    "thickness": Words("Line thickness (pixels)", "More pixels vary the thickness of the lines more."),
    "mirror": Words("Mirror", "When on, each photo is mirrored half of the time."),
    "colour": Words("Brightness and contrast (share)", "A larger share varies brightness and contrast more."),
    "erase": Words("Erase (share of the images)", "A larger share hides a rectangle in more of the images."),
}

GROUPS = (
    Group("", ("epochs", "batch", "lr", "seed")),
    Group(
        "How it learns",
        ("optimizer", "momentum", "schedule", "warmup", "weight_decay", "label_smoothing", "ema", "balance")
        + ("adversarial", "eps", "few", "keep_best", "refit", "patience", "val_every"),
    ),
    Group("Where it starts", ("start_from", "frozen", "head_epochs")),
    Group(
        "Augmentation: random changes to the images",
        ("rotate", "scale", "shear", "shift", "elastic", "thickness", "mirror", "colour", "erase"),
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
