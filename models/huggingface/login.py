"""Whether this machine is logged in to the Hub. No token is read or sent, so the user name is unknown."""

import os
from contextlib import suppress
from pathlib import Path

# huggingface_hub takes long to import, so the functions that use it import it.

TOKEN_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def login() -> str | None:
    """The source of the login: the name of a variable, or "Hugging Face" for its token file; None if not logged in."""
    from huggingface_hub import constants

    for name in TOKEN_VARIABLES:
        if os.environ.get(name):
            return name
    with suppress(OSError):
        if Path(constants.HF_TOKEN_PATH).stat().st_size:
            return "Hugging Face"
    return None
