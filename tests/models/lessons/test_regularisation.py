"""The recorded study of what keeps a net from memorising."""

import pytest
from pydantic import ValidationError

from models.lessons.regularisation import VARIANTS, Runs, Spread, results


def test_every_variant_was_run_with_every_seed():
    study = results()
    assert set(study.runs) == {variant.slug for variant in VARIANTS} and len(study.seeds) == 3
    for variant in VARIANTS:
        runs = study.runs[variant.slug]
        lengths = [len(losses) for losses in runs.train]
        assert len(lengths) == 3 and max(lengths) <= study.epochs
        assert (min(lengths) == study.epochs) is not bool(variant.patience)
        assert (runs.gain is None) is not bool(variant.reference)
        assert runs.at_end.low <= runs.at_end.mean <= runs.at_end.high


def test_overfitting_shows_without_regularisation():
    runs = results().runs["none"]
    for train, others in zip(runs.train, runs.validation, strict=True):
        assert train[-1] < 0.01 and others[-1] > 1.1 * min(others)


def test_the_epoch_that_counts_is_the_last_or_with_patience_the_best():
    by_slug = {variant.slug: variant for variant in VARIANTS}
    assert by_slug["none"].epoch([0.5, 0.3, 0.4]) == 2 and by_slug["early-stopping"].epoch([0.5, 0.3, 0.4]) == 1


@pytest.mark.parametrize("accuracy", ([[0.5]], [[0.5, 2.0]], []))
def test_runs_of_different_lengths_are_refused(accuracy):
    with pytest.raises(ValidationError):
        Runs(
            train=[[0.5, 0.4]],
            validation=[[0.5, 0.4]],
            accuracy=accuracy,
            at_end=Spread(mean=0.5, low=0.4, high=0.6),
        )
