"""Runs a sweep: every combination of the lists, or a search by Optuna, one run per setting and seed.

Runs are compared on the validation set; the test set is not touched, and no checkpoint is written. What has ended is
skipped when a sweep is continued.
"""

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from models import sweeps
from models.runs import GONE, Run
from models.sweeps import METRICS, Row, Sweep
from training.lock import locked
from training.sweeps.space import Range, Space, Value
from training.sweeps.trial import Trials

if TYPE_CHECKING:
    import optuna

JOURNAL = "optuna.log"
STARTUP = 5  # settings drawn at random before Optuna models the results, and before it stops runs early
DIRECTIONS = {"accuracy": "maximize", "val_loss": "minimize"}
DIGITS = 3  # significant digits of a number that is drawn from a range

Ended = Callable[[Run, int, int], None]


def run_sweep(sweep: Sweep, space: Space, trials: Trials, ended: Ended) -> list[Row]:
    """Train all runs of the sweep that have not ended yet; returns the results.

    ended: called with each run that has ended, its number and the total number of runs. Ctrl-C raises
    KeyboardInterrupt; the interrupted run is resumed next time. Raises ZooError if another process runs this sweep.
    """
    with locked(sweep.name):
        if sweep.search is None:
            _combinations(sweep, space, trials, ended)
        else:
            _search(sweep, space, trials, ended)
    return sweeps.rows(sweep)


def _combinations(sweep: Sweep, space: Space, trials: Trials, ended: Ended) -> None:
    """Train every combination of the lists with every seed."""
    pairs = [(settings, seed) for settings in space.combinations for seed in range(sweep.seeds)]
    for number, (settings, seed) in enumerate(pairs, start=1):
        run = trials.earlier(settings, seed)
        if not is_over(run):
            ended(trials.run(settings, seed), number, len(pairs))


def is_over(run: Run | None) -> bool:
    """Whether a run need not be trained again: it has finished or failed, not because its process was ended."""
    return run is not None and run.state in ("finished", "failed") and run.reason != GONE


def _search(sweep: Sweep, space: Space, trials: Trials, ended: Ended) -> None:
    """Train the settings that Optuna draws, until `sweep.search` of them have ended."""
    search = Search(sweep, space)
    for drawn in range(search.over(), sweep.search):
        number, settings = search.ask()
        figures = []
        for seed in range(sweep.seeds):
            run = trials.earlier(settings, seed)  # a setting may be drawn twice
            if run is None or run.state == "stopped" or run.reason == GONE:
                run = trials.run(settings, seed, partial(search.report, number) if seed == 0 else None)
            ended(run, drawn * sweep.seeds + seed + 1, sweep.search * sweep.seeds)
            figure = getattr(run, METRICS[sweep.metric])
            if run.state != "finished" or figure is None:
                break
            figures.append(figure)
        search.tell(number, figures if len(figures) == sweep.seeds else [], run)


class Search:
    """The Optuna study of a sweep: draws settings, and stops runs early.

    home: ZOO_HOME, if it is not this process's.
    """

    def __init__(self, sweep: Sweep, space: Space, home: str | None = None):
        if home:
            os.environ["ZOO_HOME"] = home
        self._sweep, self._space, self._study = sweep, space, _study(sweep)
        self._over = len(_resumed(self._study))
        self._study.sampler = _sampler(len(self._study.trials))
        self._trials: dict[int, optuna.Trial] = {}

    def over(self) -> int:
        """How many settings had ended when the search began."""
        return self._over

    def ask(self) -> tuple[int, dict[str, Value]]:
        """The number of a new trial, and its settings."""
        trial, space = self._study.ask(), self._space
        self._trials[trial.number] = trial
        settings = {name: _drawn(trial, name, values) for name, values in space.choices.items()}
        return trial.number, settings | {
            name: _from_range(trial, name, limits) for name, limits in space.ranges.items()
        }

    def report(self, number: int, epoch: int, accuracy: float, loss: float) -> str:
        """Report an epoch of a trial; returns why to stop the run, or ""."""
        trial = self._trials[number]
        trial.report(accuracy if self._sweep.metric == "accuracy" else loss, epoch)
        is_poor = trial.should_prune()
        return f"Stopped after epoch {epoch}: worse than the median of the earlier runs." if is_poor else ""

    def tell(self, number: int, figures: list[float], run: Run) -> None:
        """End a trial. figures: of its seeds; [] if one has none. run: the last one."""
        from optuna.trial import TrialState

        trial = self._trials.pop(number)
        trial.set_user_attr("run", run.id)
        if figures:
            self._study.tell(trial, sum(figures) / len(figures))
        else:
            self._study.tell(trial, state=TrialState.PRUNED if run.state == "stopped" else TrialState.FAIL)


def _study(sweep: Sweep) -> "optuna.Study":
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    journal = sweeps.folder_of(sweep.name) / JOURNAL
    return optuna.create_study(
        study_name=sweep.name,
        storage=JournalStorage(JournalFileBackend(str(journal))),
        load_if_exists=True,
        direction=DIRECTIONS[sweep.metric],
        pruner=optuna.pruners.MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=1),
    )


def _sampler(trials: int) -> Any:
    """Optuna's sampler. trials: those before; with another seed, a continued search does not begin with the same."""
    import optuna

    # constant_liar: several trials may run at the same time (training/sweeps/on_ray.py)
    return optuna.samplers.TPESampler(n_startup_trials=STARTUP, seed=trials, constant_liar=True)


def _resumed(study: "optuna.Study") -> list[Any]:
    """The settings that have ended. One that was interrupted is drawn again first."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    trials = study.get_trials(deepcopy=False)
    return [
        trial
        for trial in trials
        if trial.state in (TrialState.COMPLETE, TrialState.PRUNED) or "run" in trial.user_attrs
    ]


def _drawn(trial: "optuna.Trial", name: str, values: tuple[Value, ...]) -> Value:
    return values[0] if len(values) == 1 else trial.suggest_categorical(name, list(values))


def _from_range(trial: "optuna.Trial", name: str, limits: Range) -> Value:
    if limits.whole:
        return trial.suggest_int(name, int(limits.low), int(limits.high), log=limits.logarithmic)
    value = trial.suggest_float(name, limits.low, limits.high, log=limits.logarithmic)
    return min(max(float(f"{value:.{DIGITS}g}"), limits.low), limits.high)
