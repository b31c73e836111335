"""A small Hugging Face Hub on this machine, for the tests and for `benchmarks/hub.py`.

The real `huggingface_hub` client talks to it over HTTP.

    with Hub() as hub:              # HF_ENDPOINT is hub.url; hub.users names the tokens that may write
        hub.plant("GET /ada/cnn/resolve/", status=503)

None that is maintained could be taken: what pip and the Hub's own pages offer are mirrors, which cannot be pushed to,
and whole services that want databases and containers. Spoken: create a repository (model or Space), validate-yaml,
preupload, LFS batch, upload and verify, commit, model info, tree, paths-info, resolve (HEAD, GET, ranges, the redirect
of an LFS file), branches and tags, private and gated repositories. Not spoken: Xet (its token routes answer 404, as
those of a self-hosted Hub do: clients need HF_HUB_DISABLE_XET=1), git itself, multipart uploads, pull requests, data
sets, deletion, search, rate limits of its own, log-in. All is kept in memory.
"""

import base64
import hashlib
import json
import re
import threading
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.hub.repository import LFS, Blob, Failure, Repo


class Hub(ThreadingHTTPServer):
    """The server, in a thread of its own.

    users: token -> user name; repos: (kind, id) -> Repo; asked: "METHOD /path" of each request.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, users: dict[str, str] | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.users = users or {"hf_token_of_ada": "ada", "hf_token_of_eve": "eve"}
        self.repos: dict[tuple[str, str], Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.failures: list[Failure] = []
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.cdn = f"http://localhost:{self.server_port}"  # another host, as the Hub's own is: no token may go there

    def __enter__(self) -> "Hub":
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

    def plant(self, match: str, **failure: Any) -> None:
        self.failures.append(Failure(match, **failure))

    def heal(self) -> None:
        self.failures.clear()

    def model(self, id: str) -> Repo:
        return self.repos["model", id]

    def put(self, id: str, files: dict[str, bytes], branch: str = "main", message: str = "by hand") -> str:
        """Commit files as their owner would by other tools; gives the commit's hash."""
        repo = self.repos.setdefault(("model", id), Repo())
        return repo.commit({name: Blob(data, name.endswith(LFS)) for name, data in files.items()}, message, branch)


class Stop(Exception):
    """An answer that ends a request early."""

    def __init__(self, status: int, code: str = "", message: str = ""):
        self.status, self.code, self.message = status, code, message


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, *_: object) -> None:
        pass

    def do(self) -> None:
        self.path, _, self.query = self.path.partition("?")
        self.path = unquote(self.path)
        self.content = self._body()
        line = f"{self.command} {self.path}"
        self.server.asked.append(line)
        self.failure = None
        for failure in self.server.failures:
            if re.search(failure.match, line) and failure.times > 0:
                failure.times -= 1
                self.failure = failure
                break
        try:
            if self.failure and self.failure.status:
                return self.answer(self.failure.status, b'{"error": "planted"}', self.failure.headers)
            for pattern, method in ROUTES:
                if found := re.fullmatch(pattern, line):
                    return getattr(self, method)(**found.groupdict())
            raise Stop(404)
        except Stop as stop:
            headers = {"X-Error-Code": stop.code, "X-Error-Message": stop.message}
            self.answer(stop.status, b'{"error": "no"}', {name: value for name, value in headers.items() if value})

    do_GET = do_HEAD = do_POST = do_PUT = do

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        """Send it, broken where a failure of the body is planted."""
        how = self.failure.body if self.failure else ""
        if how == "tamper":
            body = body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]
        if how == "truncate":
            body = body[: len(body) // 2]
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Date", formatdate(usegmt=True))
        if how == "grow":
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        try:
            if how == "cut":
                self.wfile.write(body[: len(body) // 2])
                self.close_connection = True
            elif how == "grow":
                for _ in range(200):  # "never" is 200 MiB here, so that a test that fails also ends
                    self.wfile.write(bytes(2**20))
                self.close_connection = True
            else:
                self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has had enough

    @property
    def address(self) -> str:
        """The Hub's own address as the client knows it."""
        return f"http://{self.headers['Host']}"

    def json(self, value: Any, status: int = 200) -> None:
        self.answer(status, json.dumps(value).encode(), {"Content-Type": "application/json"})

    @property
    def user(self) -> str | None:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if given and given not in self.server.users:
            raise Stop(401, message="Invalid credentials in Authorization header")
        return self.server.users.get(given)

    def repo(self, kind: str, id: str) -> Repo:
        user, repo = self.user, self.server.repos.get((kind, id))  # a wrong token is refused even where none is needed
        if repo is None or (repo.private and user != id.split("/")[0]):
            raise Stop(404 if user else 401, "RepoNotFound", "Repository not found")
        return repo

    def writable(self, id: str) -> None:
        if self.user is None:
            raise Stop(401, message="Invalid username or password.")
        if self.user != id.split("/")[0]:
            raise Stop(403, message="you don't have the rights to write here")

    def files(self, kind: str, id: str, revision: str) -> tuple[str, dict[str, Blob]]:
        repo = self.repo(kind, id)
        commit = repo.resolved(revision)
        if commit is None:
            raise Stop(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit, repo.commits[commit]

    def create(self) -> None:
        asked = json.loads(self.content)
        kind, id = asked.get("type") or "model", f"{asked.get('organization') or self.user}/{asked['name']}"
        self.writable(id)
        if known := (kind, id) in self.server.repos:
            pass
        else:
            repo = self.server.repos[kind, id] = Repo(sdk=asked.get("sdk"))
            repo.private = bool(asked.get("private")) or asked.get("visibility") == "private"
            repo.commit({".gitattributes": Blob(b"*.onnx filter=lfs\n", False)}, "initial commit")
        self.json({"url": f"{self.address}/{'spaces/' * (kind == 'space')}{id}"}, 409 if known else 200)

    def whoami(self) -> None:
        if self.user is None:
            raise Stop(401)
        self.json({"type": "user", "name": self.user, "orgs": [], "auth": {"type": "access_token"}})

    def validate(self) -> None:
        import yaml

        head = re.match(r"---\n(.*?)\n---\n", json.loads(self.content)["content"], re.DOTALL)
        try:
            faults = [] if head and isinstance(yaml.safe_load(head[1]), dict) else ["metadata is no mapping"]
        except yaml.YAMLError:
            faults = ["metadata is not YAML"]
        self.json({"errors": [{"message": text} for text in faults], "warnings": []}, 400 if faults else 200)

    def preupload(self, kind: str, id: str, revision: str) -> None:
        self.writable(id)
        _, files = self.files(kind, id, revision)

        def told(asked: dict[str, Any]) -> dict[str, Any]:
            path = asked["path"]
            lfs = path.endswith(LFS) or asked["size"] > 10 * 2**20
            oid = (files[path].sha256 if files[path].lfs else files[path].oid) if path in files else None
            return {"path": path, "uploadMode": "lfs" if lfs else "regular", "shouldIgnore": False, "oid": oid}

        self.json({"files": [told(asked) for asked in json.loads(self.content)["files"]]})

    def batch(self, id: str, space: str | None = None) -> None:
        self.writable(id)

        def told(asked: dict[str, Any]) -> dict[str, Any]:
            if asked["oid"] in self.server.objects:
                return asked
            upload = {"href": f"{self.address}/_lfs/{asked['oid']}"}
            return {**asked, "actions": {"upload": upload, "verify": {"href": f"{self.address}/_verify"}}}

        self.json({"transfer": "basic", "objects": [told(asked) for asked in json.loads(self.content)["objects"]]})

    def upload(self, oid: str) -> None:
        if hashlib.sha256(self.content).hexdigest() != oid:
            raise Stop(400, message="the content is not that of the hash")
        self.server.objects[oid] = self.content
        self.answer(200, b"")

    def verify(self) -> None:
        asked = json.loads(self.content)
        if len(self.server.objects.get(asked["oid"], b"")) != asked["size"]:
            raise Stop(404)
        self.json({})

    def commit(self, kind: str, id: str, revision: str) -> None:
        self.writable(id)
        repo = self.repo(kind, id)
        lines = [json.loads(line) for line in self.content.splitlines()]
        files = {}
        for line in lines[1:]:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = Blob(base64.b64decode(value["content"]), False)
            elif line["key"] == "lfsFile" and value["oid"] in self.server.objects:
                files[value["path"]] = Blob(self.server.objects[value["oid"]], True)
            else:
                raise Stop(400, message=f"{line['key']} is not possible here")
        oid = repo.commit(files, lines[0]["value"]["summary"], revision)
        self.json({"commitUrl": f"{self.address}/{id}/commit/{oid}", "commitOid": oid})

    def info(self, kind: str, id: str, revision: str = "main") -> None:
        commit, files = self.files(kind, id, revision)
        repo = self.repo(kind, id)
        siblings = [{"rfilename": path} for path in files]
        gated = "auto" if repo.gated else False
        self.json({"id": id, "sha": commit, "private": repo.private, "gated": gated, "siblings": siblings})

    def tree(self, kind: str, id: str, revision: str) -> None:
        _, files = self.files(kind, id, revision)
        self.json([self.told(path, blob) for path, blob in files.items()])

    def paths(self, kind: str, id: str, revision: str) -> None:
        _, files = self.files(kind, id, revision)
        asked = parse_qs(self.content.decode())["paths"]
        self.json([self.told(path, files[path]) for path in asked if path in files])

    def told(self, path: str, blob: Blob) -> dict[str, Any]:
        size = {"size": self.failure.size} if self.failure and self.failure.size is not None else {}
        return blob.info(path) | size

    def resolve(self, id: str, revision: str, path: str, space: str | None = None) -> None:
        kind = "space" if space else "model"
        commit, files = self.files(kind, id, revision)
        if self.repo(kind, id).gated and self.user != id.split("/")[0]:
            raise Stop(403 if self.user else 401, "GatedRepo", "Access to this model is restricted")
        if path not in files:
            raise Stop(404, "EntryNotFound", "Entry not found")
        blob = files[path]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{blob.oid}"'}
        if not blob.lfs:
            return self.content_of(blob.data, headers)
        self.server.objects[blob.sha256] = blob.data
        headers |= {"X-Linked-Size": str(len(blob.data)), "X-Linked-Etag": f'"{blob.sha256}"'}
        self.answer(302, b"", headers | {"Location": f"{self.server.cdn}/_cdn/{blob.sha256}"})

    def stored(self, oid: str) -> None:
        if "Authorization" in self.headers:
            raise Stop(400, message="a token was sent to another host")
        self.content_of(self.server.objects[oid], {"ETag": f'"{oid}"'})

    def content_of(self, data: bytes, headers: dict[str, str]) -> None:
        if asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")):
            first = int(asked[1])
            headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
            return self.answer(206, data[first:], headers)
        self.answer(200, data, headers)

    def reference(self, kind: str, id: str, what: str, name: str) -> None:
        """A branch is named in the address; a tag in the body, its revision in the address."""
        self.writable(id)
        given = json.loads(self.content or b"{}")
        target = name if what == "tag" else given.get("startingPoint", "main")
        commit, _ = self.files(kind, id, target)
        self.repo(kind, id).refs[given["tag"] if what == "tag" else name] = commit
        self.json({})


ID = r"(?P<id>[\w.-]+/[\w.-]+)"
API = rf"/api/(?P<kind>model|space)s/{ID}"
ROUTES = [
    (r"POST /api/repos/create", "create"),
    (r"GET /api/whoami-v2", "whoami"),
    (r"POST /api/validate-yaml", "validate"),
    (rf"POST {API}/preupload/(?P<revision>.+)", "preupload"),
    (rf"POST /(?P<space>spaces/)?{ID}\.git/info/lfs/objects/batch", "batch"),
    (r"PUT /_lfs/(?P<oid>\w+)", "upload"),
    (r"POST /_verify", "verify"),
    (r"(?:GET|HEAD) /_cdn/(?P<oid>\w+)", "stored"),
    (rf"POST {API}/commit/(?P<revision>.+)", "commit"),
    (rf"POST {API}/paths-info/(?P<revision>.+)", "paths"),
    (rf"GET {API}/tree/(?P<revision>.+)", "tree"),
    (rf"GET {API}/revision/(?P<revision>.+)", "info"),
    (rf"POST {API}/(?P<what>tag|branch)/(?P<name>.+)", "reference"),
    (rf"GET {API}", "info"),
    (rf"(?:GET|HEAD) /(?P<space>spaces/)?{ID}/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
]
