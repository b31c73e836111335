"""Runs a sweep: every combination of the lists, or a search by Optuna, one run per setting and seed.

Runs are compared on the validation set; the test set is not touched, and no checkpoint is written. What has ended is
skipped when a sweep is continued.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from models import sweeps
from models.runs import Run
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
        if run is None or run.state not in ("finished", "failed"):
            ended(trials.run(settings, seed), number, len(pairs))


def _search(sweep: Sweep, space: Space, trials: Trials, ended: Ended) -> None:
    """Train the settings that Optuna draws, until `sweep.search` of them have ended."""
    study = _study(sweep)
    over = _resumed(study)
    study.sampler = _sampler(len(study.trials))
    for number in range(len(over), sweep.search):
        trial = study.ask()
        settings = {**{name: _drawn(trial, name, values) for name, values in space.choices.items()}}
        settings |= {name: _from_range(trial, name, limits) for name, limits in space.ranges.items()}
        figures = []
        for seed in range(sweep.seeds):
            run = trials.earlier(settings, seed)  # a setting may be drawn twice
            if run is None or run.state == "stopped":
                run = trials.run(settings, seed, _report(trial, sweep) if seed == 0 else None)
            ended(run, number * sweep.seeds + seed + 1, sweep.search * sweep.seeds)
            figure = getattr(run, METRICS[sweep.metric])
            if run.state != "finished" or figure is None:
                break
            figures.append(figure)
        _tell(study, trial, figures if len(figures) == sweep.seeds else [], run)


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

    return optuna.samplers.TPESampler(n_startup_trials=STARTUP, seed=trials)


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


def _report(trial: "optuna.Trial", sweep: Sweep) -> Callable[[int, float, float], str]:
    """Called after every epoch with its number, validation accuracy and loss; returns why to stop the run, or ""."""

    def report(epoch: int, accuracy: float, loss: float) -> str:
        trial.report(accuracy if sweep.metric == "accuracy" else loss, epoch)
        is_poor = trial.should_prune()
        return f"Stopped after epoch {epoch}: worse than the median of the earlier runs." if is_poor else ""

    return report


def _tell(study: "optuna.Study", trial: "optuna.Trial", figures: list[float], run: Run) -> None:
    from optuna.trial import TrialState

    trial.set_user_attr("run", run.id)
    if figures:
        study.tell(trial, sum(figures) / len(figures))
    else:
        study.tell(trial, state=TrialState.PRUNED if run.state == "stopped" else TrialState.FAIL)
