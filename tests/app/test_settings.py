"""Settings that serving makes for the libraries it uses."""

from app import settings


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
