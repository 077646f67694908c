"""A local hub: the routes that huggingface_hub calls, with repositories in memory.

It is no imitation of the package: the package itself talks to it over HTTP. Files that are pushed
arrive as by git LFS, card and all, and what was pushed is downloaded by the same routes.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

TOKEN = "hf_of_the_tests"


@dataclass
class Repository:
    """Commits, each the files by name, the latest one last."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    private: bool = False
    gated: bool = False

    def commit(self, files: dict[str, bytes]) -> str:
        """Add files to those of the latest commit, and return the new commit."""
        latest = next(reversed(self.commits.values()), {})
        text = repr((len(self.commits), sorted((latest | files).items())))
        name = hashlib.sha1(text.encode()).hexdigest()
        self.commits[name] = latest | files
        return name

    def resolve(self, revision: str) -> str | None:
        """Return the commit of a branch, a tag or a commit, None if there is none."""
        if revision == "main":
            return next(reversed(self.commits), None)
        revision = self.tags.get(revision, revision)
        return revision if revision in self.commits else None


class Hub(ThreadingHTTPServer):
    """The server. `requests` are 'METHOD path' of each request."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, Repository] = {}
        self.objects: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.failing = False  # answers 503 to everything
        self.read_only = False  # the token may not write
        self.takes_files = True  # by git LFS

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers by the first route in ROUTES that fits."""

    server: Hub

    def log_message(self, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.route()

    def do_GET(self) -> None:
        self.route()

    def do_POST(self) -> None:
        self.route()

    def do_PUT(self) -> None:
        self.route()

    def route(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.server.requests.append(f"{self.command} {path}")
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.failing:
            return self.answer(503, {"error": "down"})
        for methods, pattern, answer in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and self.command in methods:
                return answer(self, **match.groupdict())
        self.answer(404, {"error": f"no route {self.command} {path}"})

    def answer(self, status: int, value: object = None, **headers: str) -> None:
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def may_read(self, name: str) -> Repository | None:
        """The repository, or None where it was answered that there is none for this token."""
        repository = self.server.repositories.get(name)
        authorized = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if repository is None or (repository.private and not authorized):
            self.answer(401 if not authorized else 404, {}, X_Error_Code="RepoNotFound")
            return None
        if repository.gated and not authorized:
            self.answer(403, {}, X_Error_Code="GatedRepo")
            return None
        return repository

    def may_write(self) -> bool:
        if self.server.read_only or self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.answer(403, {"error": "no"}, X_Error_Message="you may not write here")
            return False
        return True

    def resolve(self, name: str, revision: str, file: str) -> None:
        """A file, with the commit and the digest that the cache files it under."""
        repository = self.may_read(name)
        if repository is None:
            return
        commit = repository.resolve(revision)
        if commit is None:
            return self.answer(404, {}, X_Error_Code="RevisionNotFound")
        headers = {"X_Repo_Commit": commit}
        files = repository.commits[commit]
        if file not in files:
            return self.answer(404, {}, X_Error_Code="EntryNotFound", **headers)
        etag = hashlib.sha256(files[file]).hexdigest()
        self.answer(200, files[file], ETag=f'"{etag}"', **headers)

    def info(self, name: str, revision: str | None = None) -> None:
        repository = self.may_read(name)
        if repository is not None:
            self.answer(200, {"id": name, "sha": repository.resolve(revision or "main")})

    def create(self) -> None:
        if not self.may_write():
            return
        asked = json.loads(self.body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.server.repositories:
            return self.answer(409, {"error": "exists", "url": f"{self.server.address}/{name}"})
        private = bool(asked.get("private")) or asked.get("visibility") == "private"
        self.server.repositories[name] = Repository(private=private)
        self.server.repositories[name].commit({".gitattributes": b""})
        self.answer(200, {"url": f"{self.server.address}/{name}"})

    def validate(self) -> None:
        """As the hub: the header must be YAML with the name of a licence."""
        header = json.loads(self.body)["content"].split("---\n")[1]
        is_valid = re.search(r"^license: \S", header, re.MULTILINE)
        errors = [] if is_valid else [{"message": "no license"}]
        self.answer(200 if is_valid else 400, {"errors": errors, "warnings": []})

    def preupload(self, name: str, revision: str) -> None:
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if file["path"].endswith(".safetensors") else "regular",
                "shouldIgnore": False,
            }
            for file in json.loads(self.body)["files"]
        ]
        self.answer(200, {"files": files})

    def batch(self, name: str) -> None:
        objects = [
            {
                **wanted,
                "actions": {"upload": {"href": f"{self.server.address}/lfs/{wanted['oid']}"}},
            }
            for wanted in json.loads(self.body)["objects"]
        ]
        self.answer(200, {"transfer": "basic", "objects": objects})

    def store(self, oid: str) -> None:
        if not self.server.takes_files:
            return self.answer(403, {"error": "no room"})
        if hashlib.sha256(self.body).hexdigest() != oid:
            return self.answer(400, {"error": "other bytes"})
        self.server.objects[oid] = self.body
        self.answer(200)

    def commit(self, name: str, revision: str) -> None:
        if not self.may_write():
            return
        files = {}
        for line in self.body.splitlines():
            item = json.loads(line)
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.server.objects[value["oid"]]
        commit = self.server.repositories[name].commit(files)
        address = f"{self.server.address}/{name}/commit/{commit}"
        self.answer(200, {"success": True, "commitOid": commit, "commitUrl": address})


NAME = r"(?P<name>[\w.-]+/[\w.-]+)"
REVISION = r"(?P<revision>[^/]+)"
ROUTES = (
    ("GET HEAD", rf"/{NAME}/resolve/{REVISION}/(?P<file>.+)", Handler.resolve),
    ("POST", r"/api/repos/create", Handler.create),
    ("POST", r"/api/validate-yaml", Handler.validate),
    ("POST", rf"/api/models/{NAME}/preupload/{REVISION}", Handler.preupload),
    ("POST", rf"/api/models/{NAME}/commit/{REVISION}", Handler.commit),
    ("GET", rf"/api/models/{NAME}(?:/revision/{REVISION})?", Handler.info),
    ("POST", rf"/{NAME}\.git/info/lfs/objects/batch", Handler.batch),
    ("PUT", r"/lfs/(?P<oid>\w+)", Handler.store),
)


@contextmanager
def serve_hub() -> Iterator[Hub]:
    """Serve an empty hub."""
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
