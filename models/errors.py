"""Errors meant for the person in front of the screen: one sentence that says what, got, expected and the way out."""


class ZooError(Exception):
    """Something the user can read and mend; every surface shows its text and nothing else."""


class BadInput(ZooError):
    """An input that cannot be read, or holds nothing to answer about."""


class TooLarge(BadInput):
    """An input over a size limit, refused before it is decoded."""


class UnknownModel(ZooError):
    """No model, entry or task of that name."""


class BadCheckpoint(ZooError):
    """A checkpoint folder that is missing, damaged, of another format, or not what it says it is."""


class UnusableDevice(ZooError):
    """A device that is not there, or that the installed torch cannot use."""


class HubError(ZooError):
    """The Hugging Face Hub cannot be reached, refuses, or holds what cannot be used."""
