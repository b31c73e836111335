"""Reads checkpoints of format version 1 as version 2: some keys and one file have new names."""

from typing import Any

FILES = {"activations.onnx": "layers.onnx"}  # new name -> old name
_TASK = {"foreign": "ood_datasets", "dataset_words": "dataset_names", "label_words": "label_names"}
_EVALUATION = {"foreign": "ood"}
_STUDIES = {
    "learning curve": "learning_curve",
    "cross-validation": "cross_validation",
    "pieces": "ablation",
    "evidence": "attribution_check",
}


def upgraded_config(values: dict[str, Any]) -> dict[str, Any]:
    """Convert a version 1 `config.json` to version 2.

    Values of the wrong type are left for the validation that follows.
    """
    config = _renamed(values, {"words": "description"}) | {"format": 2}
    if isinstance(config.get("task"), dict):
        config["task"] = _renamed(config["task"], _TASK)
    if isinstance(config.get("files"), dict):
        config["files"] = _renamed(config["files"], {old: new for new, old in FILES.items()})
    return config


def upgraded_evaluation(values: dict[str, Any]) -> dict[str, Any]:
    """Convert a version 1 `evaluation.json` to version 2. Values of the wrong type are left for validation."""
    evaluation = _renamed(values, _EVALUATION)
    evaluation.pop("training", None)  # config.json has the same
    for name in ("test", "validation"):
        if isinstance(evaluation.get(name), dict):
            evaluation[name] = {key: _figures(figures) for key, figures in evaluation[name].items()}
    if isinstance(evaluation.get("seeds"), dict):
        evaluation["seeds"] = {key: _seeds(value) for key, value in evaluation["seeds"].items()}
    if isinstance(evaluation.get("studies"), dict):
        evaluation["studies"] = _renamed(evaluation["studies"], _STUDIES)
        for name, upgrade in (("ablation", _ablation), ("attribution_check", _attribution_check)):
            if isinstance(evaluation["studies"].get(name), dict):
                evaluation["studies"][name] = upgrade(evaluation["studies"][name])
    return evaluation


def _figures(values: Any) -> Any:
    names = {"ece_tenths": "ece_equal_10", "ece_tenths_by_chance": "ece_equal_10_by_chance"}
    return _renamed(values, names) if isinstance(values, dict) else values


def _seeds(values: Any) -> Any:
    return _renamed(values, {"spread": "std"}) if isinstance(values, dict) else values


def _ablation(values: dict[str, Any]) -> dict[str, Any]:
    study = _renamed(values, {"as_it_is": "baseline", "pieces": "changes"})
    if isinstance(study.get("changes"), list):
        rows = [_renamed(row, {"words": "description"}) if isinstance(row, dict) else row for row in study["changes"]]
        study["changes"] = rows
    return study


def _attribution_check(values: dict[str, Any]) -> dict[str, Any]:
    study = _renamed(values, {"parts": "unit", "guess": "baseline"})
    names = {"stand_in": "baseline", "over_stand_in": "over_baseline"}
    if isinstance(study.get("shares"), list):
        study["shares"] = [_renamed(row, names) if isinstance(row, dict) else row for row in study["shares"]]
    return study


def _renamed(values: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in values.items()}
