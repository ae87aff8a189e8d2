"""The function `parallelize` with programs and results in the caller's home."""

import json
from typing import Any

import pytest

from functions.parallelize.app import app
from iptweb.testing import FakeTenant, FunctionClient

LOOP = "int a[9000];\nvoid f(void) {\nfor (int i = 0; i < 9000; i++)\na[i] = i;\n}\n"


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    tenant.files["ada/src/a.c"] = LOOP.encode()
    return FunctionClient(app, tenant)


def test_program_of_the_home(client: FunctionClient) -> None:
    """Paths are read with the caller's token, and results are saved there."""
    answer = client.post("/parallelize", paths=["src/a.c"], save_to="results/first")

    assert answer.status == 200, answer.message
    body = answer.body
    saved = [each["path"] for each in body["saved"]]
    assert saved == [
        f"results/first/{name}"
        for name in ("a_omp.c", "ipt-changes.diff", "ipt-report.json")
    ]
    assert body["sources"] == [{"origin": "src/a.c", "name": "a_omp.c"}]
    assert "report" not in body
    assert "diff" not in body
    new = client.tenant.files["ada/results/first/a_omp.c"]
    assert new is not None
    assert b"#pragma omp parallel for" in new
    shown = client.post("/parallelize", paths=["src/a.c"]).body["sources"][0]
    assert new == shown["text"].encode()


def test_saving_twice_is_saving_once(client: FunctionClient) -> None:
    """A message that comes again leaves the same files."""
    body: dict[str, Any] = {
        "paths": ["src/a.c"],
        "save_to": "~",
        "mode": "ask",
        "defaults": True,
    }

    first = client.post("/parallelize", **body)
    files = dict(client.tenant.files)
    again = client.post("/parallelize", **body)

    assert first.status == 200, first.message
    assert first.body == again.body
    assert files == client.tenant.files
    answers = json.loads(files["ada/ipt-answers.json"] or b"")
    assert answers == first.body["answers"]


def test_bytes_of_the_home_stay(client: FunctionClient) -> None:
    """A Latin-1 source is saved as it is, and refused as text of an answer."""
    client.tenant.files["ada/src/a.c"] = b"// \xe9\xfc\n" + LOOP.encode()

    refused = client.post("/parallelize", paths=["src/a.c"])
    saved = client.post("/parallelize", paths=["src/a.c"], save_to="out")

    assert (refused.status, refused.field) == (422, "save_to")
    assert "not UTF-8" in refused.message
    assert saved.status == 200
    new = client.tenant.files["ada/out/a_omp.c"]
    assert new is not None
    assert new.startswith(b"// \xe9\xfc\n")


def test_open_question_saves_nothing(client: FunctionClient) -> None:
    """There is nothing yet that could be saved."""
    answer = client.post("/parallelize", paths=["src/a.c"], save_to="out", mode="ask")

    assert (answer.body["status"], answer.body["saved"]) == ("asking", [])
    assert "ada/out" not in client.tenant.files


def test_inputs_are_never_replaced(client: FunctionClient) -> None:
    """Not even where the result has the name of a file of the program."""
    client.tenant.files["ada/a_omp.c"] = b"int x;\n"

    answer = client.post("/parallelize", paths=["src/a.c", "a_omp.c"], save_to="other")
    inside = client.post(
        "/parallelize",
        paths=["src/a.c", "src/ipt-report.json"],
        save_to="src",
    )
    client.tenant.files["ada/src/ipt-report.json"] = b"{}"
    clash = client.post(
        "/parallelize", paths=["src/a.c", "src/ipt-report.json"], save_to="src"
    )

    assert (answer.status, answer.code) == (422, "unprocessable")
    assert inside.code == "not_found"
    assert (clash.status, clash.code) == (409, "conflict")
    assert client.tenant.files["ada/src/ipt-report.json"] == b"{}"


def test_folders_are_made_once(client: FunctionClient) -> None:
    """However many files come out, and however deep they lie, calls stay few."""
    names = [f"f{number}" for number in range(20)]
    sources = {f"{name}.c": LOOP.replace("a[", f"{name}a[") for name in names}
    sources = {k: v.replace("void f(", f"void {k[:-2]}(") for k, v in sources.items()}

    deep = client.post("/parallelize", sources=sources, save_to="/".join("abcdefgh"))
    calls = client.tenant.calls.count("list_files")
    deeper = client.post("/parallelize", sources=sources, save_to="/".join("abcdefghi"))

    assert (deep.status, len(deep.body["saved"])) == (200, 22)
    assert client.tenant.calls.count("make_folder") == 8
    assert calls < 100
    assert (deeper.status, deeper.field) == (400, "save_to")
    assert client.tenant.calls.count("list_files") == calls


def test_large_program_of_the_home_is_refused(client: FunctionClient) -> None:
    """Each file has its limit, and all of them together."""
    client.tenant.files["ada/big.c"] = b" " * 1_000_001
    for number in range(5):
        client.tenant.files[f"ada/{number}.c"] = b" " * 900_000

    one = client.post("/parallelize", paths=["big.c"])
    together = client.post("/parallelize", paths=[f"{n}.c" for n in range(5)])

    assert (one.status, one.code) == (413, "payload_too_large")
    assert (together.status, together.field) == (413, "paths")
