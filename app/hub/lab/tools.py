"""The modules of the training package that the lab calls, imported when they are used.

None of them imports torch, but some need packages that serving does not.
"""

from types import ModuleType


def queue() -> ModuleType:
    """The queue of training runs."""
    from training import queue

    return queue


def recipe() -> ModuleType:
    """The hyperparameters: names, bounds, and for which entries they have an effect."""
    from training import recipe

    return recipe


def space() -> ModuleType:
    """The settings that a sweep tries."""
    from training.sweeps import space

    return space


def availability() -> ModuleType:
    """Where the data sets come from."""
    from training.data import availability

    return availability
