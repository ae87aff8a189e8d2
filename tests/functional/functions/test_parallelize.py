"""The function `parallelize`."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from functions.parallelize.app import app
from ipt.cli import Terminal, run
from ipt.dialogue.answers import read_answers
from iptweb.testing import FakeTenant, FunctionClient

CHECKOUT = Path(__file__).parents[3]
SAMPLES = CHECKOUT / "shared/ipt/samples"
CASES = CHECKOUT / "tests/engine/cases"
LOOP = "int a[9000];\nvoid f(void) {\nfor (int i = 0; i < 9000; i++)\na[i] = i;\n}\n"
LARGEST = (
    "int f(int n, int *a) {\nint m = 0;\nfor (int i = 0; i < n; i++)\n"
    "m = a[i] > m ? a[i] : m;\nreturn m;\n}\n"
)


@pytest.fixture(name="client")
def _client(tenant: FakeTenant) -> FunctionClient:
    tenant.files["ada/src/a.c"] = LOOP.encode()
    return FunctionClient(app, tenant)


def texts(body: dict[str, Any]) -> dict[str, str]:
    """Return the new files of an answer by their names."""
    return {each["name"]: each["text"] for each in body["sources"]}


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.c")))
def test_samples_are_as_by_the_command(
    name: str,
    client: FunctionClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without questions the function gives what `ipt parallelize --auto` writes."""
    source = (SAMPLES / name).read_text("utf-8")
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(source, "utf-8")
    terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), {})
    assert run(["parallelize", "--auto", "--report", "r.json", name], terminal) == 0
    written = {path.name: path.read_text("utf-8") for path in Path().glob("*_omp.c")}

    answer = client.post("/parallelize", sources={name: source})

    assert (answer.status, answer.exit_code) == (200, 0)
    assert texts(answer.body) == written
    assert answer.body["report"] == json.loads(Path("r.json").read_text("utf-8"))
    assert answer.body["saved"] == []


@pytest.mark.parametrize("name", ["heat", "several_files", "region_lines"])
def test_answers_lead_where_the_file_does(name: str, client: FunctionClient) -> None:
    """Asking with all answers gives what the command makes of the answers file."""
    folder = CASES / name
    split = (folder / "before").is_dir()
    before = sorted((folder / "before").iterdir()) if split else [folder / "before.c"]
    after = sorted((folder / "after").iterdir()) if split else [folder / "after.c"]
    sources = [{"name": p.name, "text": p.read_text("utf-8")} for p in before]
    answers = read_answers(folder / "answers.json")

    answer = client.post("/parallelize", mode="ask", sources=sources, answers=answers)

    assert answer.status == 200, answer.message
    assert answer.body["unused_answers"] == []
    assert sorted(texts(answer.body).values()) == sorted(
        path.read_text("utf-8") for path in after
    )


def test_dialogue_by_single_messages(client: FunctionClient) -> None:
    """Each message has the answers so far; nothing is kept between them."""
    answers: dict[str, str] = {}
    asked = []
    body: dict[str, Any] = {}
    for _ in range(10):
        body = client.post(
            "/parallelize", mode="ask", sources={"a.c": LOOP}, answers=answers
        ).body
        if body["status"] != "asking":
            break
        asked.append(body["questions"][0]["id"])
        answers = {**body["answers"], asked[-1]: ""}

    assert asked == ["model", "function", "f.loop1", "f.loop1.schedule", "timing"]
    assert body["status"] == "parallelized"
    assert "#pragma omp parallel for" in texts(body)["a_omp.c"]


def test_wrong_answer_names_its_question(client: FunctionClient) -> None:
    """The refusal has the two iterations that would clash."""
    answer = client.post(
        "/parallelize",
        mode="ask",
        defaults=True,
        sources={"a.c": LARGEST},
        answers={"f.loop1": "details", "f.loop1.reductions": "none"},
    )

    assert (answer.status, answer.code) == (422, "unprocessable")
    assert answer.body["error"]["details"] == {
        "reason": "answer",
        "field": "answers",
        "question": "f.loop1.reductions",
    }
    assert "i = 1 changes what the iteration i = 0" in answer.message


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "bad_request", "sources"),
        ({"sources": {}}, "bad_request", "sources"),
        ({"sources": {"a.c": LOOP}, "paths": ["src/a.c"]}, "bad_request", "sources"),
        ({"sources": ["a.c"]}, "bad_request", "sources"),
        ({"sources": {"a.c": 1}}, "bad_request", "sources"),
        ({"sources": {"../a.c": LOOP}}, "bad_request", "sources"),
        ({"sources": {"@a.c": LOOP}}, "bad_request", "sources"),
        ({"sources": {"-fplugin=a.c": LOOP}}, "bad_request", "sources"),
        ({"sources": {f"{i}.c": "" for i in range(65)}}, "bad_request", "sources"),
        ({"sources": {"a.c": " " * 100_001}}, "payload_too_large", "sources"),
        ({"sources": {"a.f90": ""}}, "unprocessable", ""),
        ({"sources": {"a.c": "int x = ;"}}, "unprocessable", ""),
        ({"sources": {"a.c": LOOP}, "mode": "both"}, "bad_request", "mode"),
        ({"sources": {"a.c": LOOP}, "answers": {"a": 1}}, "bad_request", "answers"),
        (
            {"sources": {"a.c": LOOP}, "answers": {"a": "b\nc"}},
            "bad_request",
            "answers",
        ),
        ({"sources": {"a.c": LOOP}, "answers": {"a": "b"}}, "unprocessable", ""),
        ({"sources": {"a.c": LOOP}, "seconds": 301}, "bad_request", "seconds"),
        ({"sources": {"a.c": LOOP}, "options": []}, "bad_request", "options"),
        (
            {"sources": {"a.c": LOOP}, "options": {"exact": 1}},
            "bad_request",
            "options.exact",
        ),
        (
            {"sources": {"a.c": LOOP}, "options": {"flags": "-I/"}},
            "bad_request",
            "options.flags",
        ),
        (
            {"sources": {"a.c": LOOP}, "options": {"standard": "@file"}},
            "bad_request",
            "options.standard",
        ),
        ({"sources": {"a.c": LOOP}, "options": {"model": "mpi"}}, "unprocessable", ""),
        (
            {"sources": {"a.c": LOOP}, "options": {"include": ["/"]}},
            "unprocessable",
            "",
        ),
        ({"paths": ["nowhere.c"]}, "not_found", ""),
        ({"paths": ["src"]}, "bad_request", "path"),
        ({"paths": ["../bob/secret.c"]}, "bad_request", "paths"),
        ({"paths": ["src/a.c", "src/a.c"]}, "bad_request", "paths"),
        ({"paths": ["a b.c"]}, "bad_request", "paths"),
        ({"sources": {"a.c": LOOP}, "save_to": "../bob"}, "bad_request", "save_to"),
    ],
)
def test_refusals(
    body: dict[str, Any], code: str, field: str, client: FunctionClient
) -> None:
    """What is wrong is said before anything is done, and by which field."""
    answer = client.post("/parallelize", **body)

    assert (answer.code, answer.field) == (code, field), answer.message
    assert "write_file" not in client.tenant.calls


@pytest.mark.parametrize(
    ("reason", "body"),
    [
        ("source", {"sources": {"a.c": '#include "/etc/passwd"\n'}}),
        ("request", {"sources": {"a.c": LOOP}, "options": {"model": "cuda"}}),
        ("crash", {"sources": {"a.c": "int x = " + "1+" * 40_000 + "1;\n"}}),
    ],
)
def test_reasons_of_the_engine(
    reason: str, body: dict[str, Any], client: FunctionClient
) -> None:
    """`details.reason` tells a program what a sentence tells a person."""
    error = client.post("/parallelize", **body).body["error"]

    assert error["details"] == {"reason": reason}
    assert error["message"]


def test_long_sentences_are_cut(client: FunctionClient) -> None:
    """A mistake in a line that is very long does not cost the whole answer."""
    answer = client.post(
        "/parallelize", sources={"a.c": "int " + "x" * 90_000 + " = ;"}
    )

    assert (answer.status, answer.body["error"]["details"]["reason"]) == (422, "source")
    assert answer.message.startswith("a.c:1:")
    assert len(answer.message) < 11_000


def test_answer_that_does_not_fit_is_refused(client: FunctionClient) -> None:
    """It is never cut; the sentence names the ways out, and they work."""
    marks = "\\" * 70_000  # JSON doubles each of them
    sources = {"a.c": f"/* {marks} */\n{LOOP}"}

    refused = client.post("/parallelize", sources=sources)
    saved = client.post("/parallelize", sources=sources, save_to="out")

    assert (refused.status, refused.field) == (413, "save_to")
    assert refused.body["error"]["details"]["reason"] == "too_large"
    assert saved.status == 200
    assert client.tenant.files["ada/out/a_omp.c"] is not None
    assert json.loads(client.tenant.files["ada/out/ipt-report.json"] or b"")


def test_analysis(client: FunctionClient) -> None:
    """Every loop with its verdict, in the answer or in a file of the home."""
    body = client.post("/analyze", sources={"a.c": LOOP}).body
    saved = client.post("/analyze", paths=["src/a.c"], save_to="out").body

    assert body["analysis"]["schema"] == "ipt-analysis"
    assert body["analysis"]["summary"]["parallel"] == 1
    assert (body["remarks"], body["saved"]) == ([], [])
    assert [each["path"] for each in saved["saved"]] == ["out/ipt-analysis.json"]
    text = client.tenant.files["ada/out/ipt-analysis.json"] or b""
    assert json.loads(text)["files"] == ["src/a.c"]


def test_what_is_offered(client: FunctionClient) -> None:
    """A page can be made of it; nobody has to sign in to the storage for that."""
    body = client.get("/models", authorized=False).body

    assert [each["name"] for each in body["models"]] == ["openmp", "mpi", "cuda"]
    assert {each["name"] for each in body["languages"]} == {"c", "c++"}
    assert body["limits"]["answer_bytes"] == 131_072
    assert all(isinstance(value, int) for value in body["limits"].values())


def test_program_of_a_message_needs_no_token(client: FunctionClient) -> None:
    """Only the home is the caller's own; without it no call goes out at all."""
    answer = client.post(
        "/parallelize", authorized=False, sources={"a.c": LOOP}, report=False
    )
    home = client.post("/parallelize", authorized=False, paths=["src/a.c"])

    assert answer.status == 200
    assert "report" not in answer.body
    assert home.code == "unauthorized"
    assert client.tenant.calls == []


def test_nothing_of_the_program_is_logged(client: FunctionClient) -> None:
    """The log tells how much there was, and neither names nor lines."""
    client.post("/parallelize", sources={"quiet.c": LOOP})

    assert '"files": 1' in client.log_text
    assert "quiet" not in client.log_text
    assert "int a" not in client.log_text
