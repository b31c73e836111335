"""Saves and restores the state of a run after each epoch, so that an interrupted run continues with identical results.

One safetensors file with everything else as JSON in its metadata, and no pickle. It is replaced atomically.
"""

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from models.paths import write_atomically
from training.learner import Learner
from training.recipe import changes_from_defaults
from training.record import CannotResume


class State:
    """Saves a run to `path` and restores it."""

    def __init__(self, path: Path, run: Learner):
        self.path, self.run = path, run

    def save(self, rows: list[dict[str, float]]) -> None:
        """Write everything that the next epoch depends on, and the history so far."""
        run = self.run
        tensors = {f"net/{name}": value for name, value in run.net.state_dict().items()}
        tensors |= {f"average/{name}": value for name, value in run.average.state_dict().items()}
        tensors |= {f"best/{name}": value for name, value in run.best.items()}
        for index, moments in run.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{index}/{name}": value for name, value in moments.items()}
        tensors["random/order"] = run.generator.get_state()
        tensors["random/dropout"] = torch.get_rng_state()
        if run.device.type == "cuda":
            tensors["random/dropout on the device"] = torch.cuda.get_rng_state(run.device)
        plain = {
            "recipe": self._recipe(),
            "step": run.step,
            "best": [run.best_epoch, *run.best_score],
            "rows": rows,
        }
        contiguous = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
        write_atomically(self.path, save(contiguous, metadata={"state": json.dumps(plain)}))

    def load(self) -> list[dict[str, float]]:
        """Restore the run and return its history; without a state file, change nothing and return [].

        Raises CannotResume for a damaged file, and if the recipe, seed, device or net has changed.
        """
        if not self.path.exists():
            return []
        run = self.run
        try:
            with safe_open(self.path, framework="pt", device="cpu") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (not a mapping)
                plain = json.loads(file.metadata()["state"])
        except (SafetensorError, OSError, ValueError, KeyError) as error:
            raise CannotResume(
                f"Cannot resume: {self.path} is damaged ({error}); delete it or train without --resume."
            ) from error
        current, recorded = self._recipe(), plain["recipe"]
        changed = sorted(name for name in current.keys() | recorded.keys() if current.get(name) != recorded.get(name))
        if changed:
            raise CannotResume(
                f"Cannot resume: {', '.join(changed)} changed since the run in {self.path.parent} began; "
                "use the same options as that run, or train without --resume."
            )
        try:
            run.net.load_state_dict(_below(tensors, "net/"))
            run.average.load_state_dict(_below(tensors, "average/"))
        except RuntimeError as error:
            raise CannotResume(
                f"Cannot resume: the net changed since the run in {self.path.parent} began; train without --resume."
            ) from error
        run.best = {name: value.to(run.device) for name, value in _below(tensors, "best/").items()}
        self._load_optimizer(_below(tensors, "optimizer/"))
        run.generator.set_state(tensors["random/order"])
        torch.set_rng_state(tensors["random/dropout"])
        if "random/dropout on the device" in tensors and run.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["random/dropout on the device"], run.device)
        run.step = plain["step"]
        run.best_epoch, run.best_score = plain["best"][0], tuple(plain["best"][1:])
        return plain["rows"]

    def _load_optimizer(self, tensors: dict[str, torch.Tensor]) -> None:
        state: dict[int, dict[str, torch.Tensor]] = {}
        for name, value in tensors.items():
            index, moment = name.split("/")
            state.setdefault(int(index), {})[moment] = value
        groups = self.run.optimizer.state_dict()["param_groups"]
        optimizer = self.run.optimizer
        optimizer.load_state_dict({"state": state, "param_groups": groups})
        for parameter, moments in optimizer.state.items():
            for moment, value in moments.items():
                if value.shape == parameter.shape:  # in memory as the parameter lies, or sums are rounded differently
                    moments[moment] = torch.empty_like(parameter).copy_(value)

    def _recipe(self) -> dict:
        """What must be equal for a run to continue: recipe, steps, seed and device, as parsed back from JSON."""
        run = self.run
        rest = {"steps": run.steps, "seed": run.seed, "device": run.device.type}
        return json.loads(json.dumps({**changes_from_defaults(run.recipe), **rest}))


def _below(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    """The tensors whose names start with `prefix`, without it."""
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
