"""Errors for the user: one sentence that says what was received, what is expected and how to fix it."""


def printable(text: str) -> str:
    """`text` with everything escaped that could control a terminal, begin a line, or reorder what is shown."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


class ZooError(Exception):
    """An error that the user can understand and fix; every surface shows its text and nothing else."""

    def __str__(self) -> str:
        return printable(super().__str__())  # it may quote an input, a file name or a label


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
