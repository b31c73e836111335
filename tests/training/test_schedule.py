"""The one-cycle learning rate and the decay of the EMA."""

import pytest

from training.schedule import START, ema_decay, one_cycle


def test_the_rate_rises_to_its_peak_and_falls_to_zero():
    rates = [one_cycle(step, 100, 0.3) for step in range(100)]
    assert rates[0] == pytest.approx(START)
    assert max(rates) == pytest.approx(rates[30]) == pytest.approx(1.0)
    assert rates[:31] == sorted(rates[:31])
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] < 0.001


def test_without_warmup_the_rate_starts_at_its_peak():
    assert one_cycle(0, 10, 0.0) == 1.0


def test_the_decay_rises_to_its_ceiling():
    assert ema_decay(0, 0.999) == pytest.approx(0.1)
    assert ema_decay(89, 0.999) == pytest.approx(90 / 99)
    assert ema_decay(10**6, 0.999) == 0.999
