"""Whether this machine is logged in to the Hub.

No token is read: whose it is only the Hub could say, and it is not asked.
"""

import os
from contextlib import suppress
from pathlib import Path

# huggingface_hub takes long to import, so the functions that use it import it.

VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")


def login() -> str | None:
    """What the log-in comes from, a variable's name or "Hugging Face" for its own file.

    None where nobody is logged in.
    """
    from huggingface_hub import constants

    for name in VARIABLES:
        if os.environ.get(name):
            return name
    with suppress(OSError):
        if Path(constants.HF_TOKEN_PATH).stat().st_size:
            return "Hugging Face"
    return None
