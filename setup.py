"""Refuses wheels and source distributions; `pip install -e .` in a clone is what works (see pyproject.toml)."""

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.sdist import sdist

REFUSAL = (
    "The Zoo is an application that runs from a clone of its repository; it is not distributed as a package. "
    "Install it from the clone: pip install -r requirements.txt -e ."
)


class RefusedWheel(bdist_wheel):
    """`pip install .` and `python -m build --wheel`."""

    def run(self) -> None:
        raise SystemExit(REFUSAL)


class RefusedSdist(sdist):
    """`python -m build --sdist`."""

    def run(self) -> None:
        raise SystemExit(REFUSAL)


setup(cmdclass={"bdist_wheel": RefusedWheel, "sdist": RefusedSdist})
