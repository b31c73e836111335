"""Settings that serving makes for the libraries it uses."""

import pytest

from app import settings
from models.errors import ZooError


def test_local_addresses_are_added_to_no_proxy(monkeypatch):
    for name in ("HF_HUB_OFFLINE", "GRADIO_ANALYTICS_ENABLED", "STREAMLIT_BROWSER_GATHER_USAGE_STATS"):
        monkeypatch.setenv(name, "")  # so that monkeypatch restores them
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("NO_PROXY", "example.org,localhost")
    monkeypatch.setenv("no_proxy", "")
    for _ in range(2):
        settings.quiet()
        assert settings.os.environ["NO_PROXY"] == "example.org,localhost,127.0.0.1"
        assert settings.os.environ["no_proxy"] == "localhost,127.0.0.1"


@pytest.mark.parametrize("name", ["a b", "http://zoo.example.org", "zoo.*.org", "a,b c"])
def test_impossible_host_names_are_refused(monkeypatch, name):
    monkeypatch.setenv("ZOO_HOSTS", name)
    with pytest.raises(ZooError, match="ZOO_HOSTS contains '.*'; expected names or addresses separated by commas"):
        settings.read()


def test_host_names_addresses_and_patterns_are_accepted(monkeypatch):
    names = ("zoo.example.org", "*.example.org", "192.168.1.20", "[fe80::1]", "*")
    monkeypatch.setenv("ZOO_HOSTS", ", ".join(names))
    assert settings.read().hosts[-len(names) :] == names


def test_proxies_that_the_server_cannot_use_and_does_not_need_are_ignored(monkeypatch):
    for name in ("HF_HUB_OFFLINE", "NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "SOCKS5h://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    settings.quiet()
    assert "ALL_PROXY" not in settings.os.environ and "all_proxy" not in settings.os.environ
    assert settings.os.environ["https_proxy"] == "http://127.0.0.1:9"


def test_when_the_widgets_are_loaded(monkeypatch):
    for value, expected in (("", "on"), ("on", "on"), ("lazy", "lazy"), ("off", "off")):
        monkeypatch.setenv("ZOO_WIDGETS", value)
        assert settings.read().widgets == expected
    monkeypatch.setenv("ZOO_WIDGETS", "never")
    with pytest.raises(ZooError, match="ZOO_WIDGETS is 'never'; expected on, lazy or off"):
        settings.read()
