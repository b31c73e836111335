"""Errors for the user: one sentence that says what was received, what is expected and how to fix it."""


class ZooError(Exception):
    """An error that the user can understand and fix; every surface shows its text and nothing else."""


class BadInput(ZooError):
    """An input that cannot be read or is empty."""


class TooLarge(BadInput):
    """An input over a size limit, rejected before it is decoded."""


class UnknownModel(ZooError):
    """No model, entry or task has this name."""


class BadCheckpoint(ZooError):
    """A checkpoint folder that is missing, damaged, of an unknown format, or does not match its config.json."""


class UnusableDevice(ZooError):
    """A model that cannot run in torch on a device. missing: whether no model can, since the device is not there."""

    def __init__(self, sentence: str, missing: bool = False) -> None:
        super().__init__(sentence)
        self.missing = missing


class HubError(ZooError):
    """The Hugging Face Hub cannot be reached, rejects a request, or has a model that cannot be used."""
