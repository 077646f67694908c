"""Who may ask, which headers every answer has, and that the pages need no network."""

import re

import pytest
from ui_server import encoded, make_client, picture

from samjax.ui.app import ROUTES
from samjax.ui.page_files import page_files
from samjax.ui.server import is_loopback

FILES = {"file": ("p.png", encoded(picture(0)))}
PATHS = ["/", "/docs", "/health", "/openapi.json", "/static/app.js", "/missing"]


def test_every_answer_has_the_headers(client):
    answers = [client.get(path) for path in PATHS]
    answers += [client.post("/predict", files=FILES), client.post("/predict")]
    answers.append(client.get("/", headers={"host": "evil.example"}))
    for answer in answers:
        policy = dict(
            part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
        )
        assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["form-action"] == "'none'"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_pages_have_nothing_inline_and_nothing_from_elsewhere():
    for name, (content, _) in page_files().items():
        text = content.decode()
        assert not re.findall(r"https?://(?!www\.w3\.org/)", text), name
        if name.endswith(".html"):
            assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), name
            links = re.findall(r'(?:src|href)="([^"#]+)"', text)
            known = {"/", "/docs", "/health", "/openapi.json"}
            assert {link.removeprefix("/static/") for link in links} - known <= set(page_files())
        for module in re.findall(r'from "\./([^"]+)"', text):
            assert module in page_files()


HOSTS = {
    "127.0.0.1:8765": 200,
    "localhost": 200,
    "LOCALHOST:1": 200,
    "[::1]:8765": 200,
    "evil.example": 403,
    "127.0.0.1.evil.example:8765": 403,
    "localhost@evil.example": 403,
    "[": 403,
}


@pytest.mark.parametrize("host", HOSTS)
def test_only_names_of_this_computer_are_served(client, host):
    answer = client.get("/health", headers={"host": host})
    assert answer.status_code == HOSTS[host]
    if answer.status_code == 403:
        assert "Host" in answer.json()["detail"]


def test_a_public_server_has_other_names(model):
    with make_client(model, only_loopback=False) as client:
        assert client.get("/health", headers={"host": "maps.example"}).status_code == 200
        headers = {"host": "maps.example", "origin": "https://evil.example"}
        assert client.post("/predict", files=FILES, headers=headers).status_code == 403
        headers["origin"] = "https://maps.example"
        assert client.post("/predict", files=FILES, headers=headers).status_code == 200


ORIGINS = [
    ({}, 200),
    ({"origin": "http://127.0.0.1:8765", "sec-fetch-site": "same-origin"}, 200),
    ({"origin": "http://127.0.0.1:9999"}, 403),
    ({"origin": "http://localhost:8765"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": "https://evil.example"}, 403),
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "none"}, 200),
]


@pytest.mark.parametrize(("headers", "status"), ORIGINS)
def test_pages_of_other_origins_may_not_post(client, headers, status):
    assert client.post("/predict", files=FILES, headers=headers).status_code == status


def test_a_preflight_is_not_allowed(client):
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert client.options("/predict", headers=headers).status_code in (403, 405)


def test_the_documentation_names_every_field(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/health", *(route.path for route in ROUTES)}
    for route in ROUTES:
        operation = paths[route.path]["post"]
        form = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert list(form["properties"]) == [field.name for field in route.fields]
        assert {"200", "403", "413", "415", "422", "503"} <= set(operation["responses"])


def test_files_outside_of_the_page_cannot_be_asked_for(client):
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("host", "is_own"),
    [("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("localhost", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "192.168.1.2", "example.org", "")],
)
def test_loopback_is_known(host, is_own):
    assert is_loopback(host) is is_own
