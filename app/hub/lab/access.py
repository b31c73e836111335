"""Who may use the lab, and whether this machine has what training needs."""

from collections.abc import Mapping
from importlib.util import find_spec

import streamlit as st

from app import settings, visitor

TITLE = "Lab"
INTRODUCTION = "Change a setting, train a network, and watch it learn."
OFF = "The lab is switched off on this server."
NOT_LOCAL = "The lab, where networks are trained, can be used only on the machine that runs this server."
NO_PACKAGES = "Training needs more packages: run `make train-tools` in the folder of the Zoo, then reload this page."
PACKAGES = ("torch", "onnx", "onnxscript", "sklearn", "filelock", "pooch")


def is_open() -> bool:
    """Whether this visitor may use the lab."""
    return is_open_to(st.context.headers)


def is_open_to(headers: Mapping[str, str]) -> bool:
    """Whether a visitor whose request has these headers may use the lab."""
    setting = settings.lab()
    return setting == "on" or (setting == "local" and visitor.is_local(headers))


def obstacle() -> str:
    """Why this visitor cannot train here, as a sentence; "" if they can."""
    if not is_open():
        return OFF if settings.lab() == "off" else NOT_LOCAL
    return "" if has_packages() else NO_PACKAGES


def has_packages() -> bool:
    """Whether the packages that training needs are installed."""
    return all(find_spec(package) for package in PACKAGES)


def is_local() -> bool:
    """Whether this visitor is on the machine that runs the server."""
    return visitor.is_local(st.context.headers)
