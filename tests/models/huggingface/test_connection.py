"""The way to the Hub: its address, proxies, mirrors that redirect, and settings of its client."""

import socket
import socketserver
import struct
import threading
from contextlib import suppress

import pytest

import models
from models.errors import HubError
from models.huggingface.pull import pull
from models.huggingface.push import push
from tests.hub.fixtures import MODEL, run_zoo


class Socks(socketserver.ThreadingTCPServer):
    """A SOCKS5 proxy without a password; every connection it is asked for goes to `target`. names: what was asked."""

    daemon_threads = True

    def __init__(self, target: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), Relay)
        self.target, self.names = target, set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"socks5://127.0.0.1:{self.server_address[1]}"


class Relay(socketserver.StreamRequestHandler):
    """One connection: RFC 1928's greeting and CONNECT with a domain name, then bytes in both directions."""

    def handle(self) -> None:
        _, methods = struct.unpack("BB", self.rfile.read(2))
        self.rfile.read(methods)
        self.wfile.write(b"\x05\x00")
        _, _, _, kind, length = struct.unpack("5B", self.rfile.read(5))
        assert kind == 3  # the name is resolved by the proxy
        self.server.names.add(self.rfile.read(length).decode())
        self.rfile.read(2)
        with socket.create_connection(self.server.target) as there:
            self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
            back = threading.Thread(target=self.copy, args=(there.recv, self.connection.sendall), daemon=True)
            back.start()
            self.copy(self.rfile.read1, there.sendall)
            with suppress(OSError):
                there.shutdown(socket.SHUT_WR)
            back.join()

    @staticmethod
    def copy(read, write) -> None:
        with suppress(OSError):
            while data := read(65536):
                write(data)


def test_a_model_is_pulled_and_pushed_through_a_socks_proxy(hub, tmp_path):
    port = int(hub.url.rpartition(":")[2])
    with Socks(("127.0.0.1", port)) as proxy:
        reached = {"HF_ENDPOINT": f"http://hub.example:{port}", "ALL_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}
        pulled = run_zoo(hub, tmp_path, "pull", MODEL, **reached)
        assert pulled.returncode == 0 and "Pulled ada/cnn" in pulled.stdout, pulled.stderr
        pushed = run_zoo(hub, tmp_path, "push", "mnist-mlp", "--repo", "ada/by-socks", **reached)
        assert pushed.returncode == 0 and "ada/by-socks" in hub.repos.__repr__(), pushed.stderr
        proxy.shutdown()
    assert "hub.example" in proxy.names


@pytest.mark.parametrize(
    "variables, words",
    [
        ({"HF_ENDPOINT": "hub.example.org"}, "HF_ENDPOINT is 'hub.example.org'; expected an address such as https://"),
        ({"HF_ENDPOINT": "ftp://hub.example.org"}, "HF_ENDPOINT is 'ftp://hub.example.org'; expected"),
        ({"HF_ENDPOINT": "http://[bad"}, "HF_ENDPOINT is"),
        ({"HF_ENDPOINT": "https://:token@"}, r"HF_ENDPOINT is 'https://\*\*\*@'"),
        ({"HTTP_PROXY": "socks5://127.0.0.1:1"}, r'HTTP_PROXY is a SOCKS proxy, .*pip install "httpx2\[socks\]"'),
        ({"ALL_PROXY": "foo://x:1"}, "ALL_PROXY is 'foo://x:1'; expected an address such as http://proxy"),
        ({"HTTPS_PROXY": "http://me:secret@proxy:port"}, r"HTTPS_PROXY is 'http://\*\*\*@proxy:port'; expected"),
    ],
)
def test_an_address_or_a_proxy_that_cannot_be_used_is_named(client, hub, monkeypatch, variables, words):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("models.huggingface.endpoint.find_spec", lambda name: None)
    for action in (lambda: pull(MODEL), lambda: models.load(MODEL), lambda: push("mnist-cnn", "ada/new")):
        with pytest.raises(HubError, match=words) as error:
            action()
        assert "secret" not in str(error.value)
    assert hub.asked == []


def test_a_proxy_that_does_not_answer_is_named_unless_it_is_not_used(client, hub, monkeypatch):
    from huggingface_hub import close_session

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    close_session()  # the client reads the environment when it is made
    try:
        with pytest.raises(HubError, match="cannot be reached; check the proxy and HF_ENDPOINT"):
            pull(MODEL)
        monkeypatch.setenv("NO_PROXY", "localhost,127.0.0.1")
        close_session()
        assert pull(MODEL).new
    finally:
        close_session()


@pytest.mark.parametrize("status", (301, 302, 303, 307, 308))
@pytest.mark.parametrize("path", ("paths-info", "models/ada/cnn"))
def test_a_mirror_that_redirects_to_another_host_is_named(client, hub, status, path):
    hub.plant(path, status=status, headers={"Location": f"{hub.cdn}/api/elsewhere"})
    with pytest.raises(HubError, match="redirects to another host.* set HF_ENDPOINT to the address it redirects to"):
        pull(MODEL)


@pytest.mark.parametrize("variables", [{"HF_ENDPOINT": ""}, {"HF_HUB_DOWNLOAD_TIMEOUT": "x"}], ids=str)
def test_a_setting_of_the_client_is_no_traceback(hub, tmp_path, variables):
    done = run_zoo(hub, tmp_path, "pull", MODEL, **{"https_proxy": "http://127.0.0.1:1", **variables})
    assert done.returncode == 1 and done.stderr.splitlines()[-1].endswith(".") and "Traceback" not in done.stderr
    assert ("huggingface.co cannot be reached" if "HF_ENDPOINT" in variables else "HF_.") in done.stderr
