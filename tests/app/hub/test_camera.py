"""The camera says where browsers do not allow it."""

from types import SimpleNamespace

import pytest

from app import sentences
from app.hub.inputs import camera
from tests.app.hub.conftest import html, task_app

ADDRESSES = {
    "https://zoo.example/digits": True,
    "http://localhost:8501/digits": True,
    "http://zoo.localhost:8501": True,
    "http://127.0.0.1:8501/digits": True,
    "http://127.8.8.8": True,
    "http://[::1]:8501/digits": True,
    "http://192.168.1.20:8501/digits": False,
    "http://zoo.local:8501": False,
    "http://[fe80::1]:8501": False,
    "http://localhost.example": False,
    None: True,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_camera_needs_https_or_localhost(address):
    assert camera.is_secure(address) == ADDRESSES[address]


@pytest.mark.parametrize("address", ["http://192.168.1.20:8501", "https://zoo.example"])
def test_the_page_says_where_there_is_no_camera(address, monkeypatch):
    page = task_app("digits")
    monkeypatch.setattr(camera.st, "context", SimpleNamespace(url=address, headers={}, ip_address=None, locale="en"))
    page.run()
    assert not page.exception
    assert (sentences.NO_CAMERA in html(page)) == address.startswith("http:")
