"""The apps' descriptions and their scripts: what they accept, and that they agree."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

APPS = Path(__file__).parents[3] / "agave" / "apps"
NAMES = ("ipt-build", "ipt-run", "ipt-build-run", "ipt-compare")
CONTROL = st.characters(min_codepoint=0, max_codepoint=31)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def _items(app: str) -> dict[str, dict[str, Any]]:
    document = json.loads((APPS / app / "app.json").read_text("utf-8"))
    return {item["id"]: item for item in document["inputs"] + document["parameters"]}


def _accepts(app: str, field: str, text: str) -> bool:
    rule = _items(app)[field]["value"]["validator"]
    found = {bool(re.search(rule, text)), bool(re.fullmatch(rule, text))}
    assert len(found) == 1, "a rule must mean the same however it is applied"
    return found == {True}


FIELDS = [(app, field) for app in NAMES for field in _items(app)]


@pytest.mark.parametrize("app", NAMES)
def test_contract(app: str) -> None:
    """Inputs and parameters are those of the architecture."""
    expected = {
        "ipt-build": "driver supplementalFiles command output args modules",
        "ipt-run": "binary supplementalFiles command args modules threads",
        "ipt-build-run": "driver supplementalFiles compileCommand compileArgs output "
        "command args threads modules",
        "ipt-compare": "serial parallel supplementalFiles serialCompile "
        "parallelCompile launcher counts repeats args modules",
    }

    assert sorted(_items(app)) == sorted(expected[app].split())


@pytest.mark.parametrize("app", NAMES)
def test_placeholders_stand_in_documents(app: str) -> None:
    """Each placeholder is a line of its own in a quoted here-document."""
    script = (APPS / app / "wrapper.sh").read_text("utf-8")
    end = "IPT-${AGAVE_JOB_ID}"
    documents = re.findall(
        rf"<<'{re.escape(end)}'\n=\$\{{(\w+)\}}\n{re.escape(end)}\n", script
    )
    others = set(re.findall(r"\$\{(\w+)\}", script)) - set(documents)

    assert sorted(documents) == sorted(_items(app))
    assert others == {"AGAVE_JOB_ID", "AGAVE_JOB_CALLBACK_FAILURE"}


def test_library_has_no_placeholders() -> None:
    """What the wrappers share is not filled, so that it must mention nothing."""
    script = (APPS / "ipt-lib.sh").read_text("utf-8")

    assert not re.findall(r"\$\{(?:AGAVE_)?JOB_", script)
    ids = {field for _, field in FIELDS}
    assert not ids & set(re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_.-]*)\}", script))


@pytest.mark.parametrize("app", NAMES)
def test_wrapper_takes_what_it_reads(app: str) -> None:
    """Each value is checked for line breaks before it is used."""
    script = (APPS / app / "wrapper.sh").read_text("utf-8")
    taken = re.findall(r"^take (.*)$", script, re.MULTILINE)

    assert sorted(" ".join(taken).split()) == sorted(_items(app))


@pytest.mark.parametrize(("app", "field"), FIELDS)
@given(before=TEXT, control=CONTROL, after=TEXT)
def test_rule_refuses_control_characters(
    app: str, field: str, before: str, control: str, after: str
) -> None:
    """No value with a line break or another control character is accepted."""
    assert not _accepts(app, field, before + control + after)


@pytest.mark.parametrize(("app", "field"), FIELDS)
@given(before=TEXT, after=TEXT)
def test_rule_refuses_placeholders(
    app: str, field: str, before: str, after: str
) -> None:
    """No value brings a placeholder with it, which might be filled in turn."""
    assert not _accepts(app, field, before + "${" + after)


@pytest.mark.parametrize(
    ("app", "field", "text"),
    [
        ("ipt-build", "command", "gcc -fopenmp -DNAME='\"a b\"' $HOME ; `x`"),
        ("ipt-build", "output", "heat-2.0 ä"),
        ("ipt-build", "args", ""),
        ("ipt-build", "modules", "gcc/12.2.0"),
        ("ipt-build", "driver", "agave://ipt.storage/ada/my%20heat.c"),
        ("ipt-run", "command", ""),
        ("ipt-run", "threads", "8"),
        ("ipt-run", "threads", "8.0"),
        ("ipt-run", "binary", "agave://ipt.storage//ada/heat$1"),
        ("ipt-run", "supplementalFiles", "agave://ipt.storage/ada/ipt-lib.sh/x"),
        ("ipt-run", "supplementalFiles", "agave://ipt.storage/ada/my-ipt-lib.sh"),
        ("ipt-run", "supplementalFiles", "agave://ipt.storage/ada/compare"),
        ("ipt-compare", "serialCompile", ""),
        ("ipt-compare", "launcher", ""),
        ("ipt-compare", "launcher", "mpirun -np {ranks}"),
        ("ipt-compare", "counts", "1 2 4 8 16 32 64 128"),
        ("ipt-compare", "repeats", "5.0"),
    ],
)
def test_rule_accepts(app: str, field: str, text: str) -> None:
    """What people need passes."""
    assert _accepts(app, field, text)


@pytest.mark.parametrize(
    ("app", "field", "text"),
    [
        ("ipt-build", "command", ""),
        ("ipt-build", "command", "   "),
        ("ipt-build", "output", "../heat"),
        ("ipt-build", "output", ".."),
        ("ipt-build", "modules", "gcc; rm"),
        ("ipt-build", "driver", "agave://ipt.storage/ada/a%0Ab.c"),
        ("ipt-build", "driver", "agave://ipt.storage/ada/%24%7Bargs%7D"),
        ("ipt-build", "driver", "agave://ipt.storage/ada/ipt-lib.sh"),
        ("ipt-build", "supplementalFiles", "ipt-lib.sh/"),
        ("ipt-build", "supplementalFiles", "https://example.org/ipt-lib.sh?x=1"),
        ("ipt-run", "binary", "agave://ipt.storage/ada/IPT_TIME"),
        ("ipt-compare", "serial", "agave://ipt.storage/ada/compare"),
        ("ipt-compare", "launcher", "mpirun -np 4"),
        ("ipt-compare", "counts", ""),
        ("ipt-compare", "counts", "1, 2"),
        ("ipt-compare", "counts", "1 2 3 4 5 6 7 8 9"),
        ("ipt-compare", "repeats", "6"),
        ("ipt-run", "threads", "0"),
        ("ipt-run", "threads", "-1"),
        ("ipt-run", "threads", "1e3"),
    ],
)
def test_rule_refuses(app: str, field: str, text: str) -> None:
    """What could not work, or could do harm, is refused before a job begins."""
    assert not _accepts(app, field, text)


@pytest.mark.needs("gcc")
@pytest.mark.parametrize("app", NAMES)
def test_own_test_script(app: str) -> None:
    """The test script that Agave asks of an app passes."""
    done = subprocess.run(
        ["bash", str(APPS / app / "test" / "test.sh")], capture_output=True, check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.needs("shellcheck")
def test_scripts_are_clean() -> None:
    """The scripts have no fault that shellcheck knows."""
    scripts = [str(path) for path in APPS.rglob("*.sh")]
    done = subprocess.run(
        ["shellcheck", *scripts], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("app", NAMES)
def test_description_for_people(app: str) -> None:
    """Each field has a label, a sentence and a place of its own in the form."""
    items = list(_items(app).values())

    assert [item["value"]["order"] for item in items] == list(range(len(items)))
    for item in items:
        assert item["details"]["label"]
        assert item["details"]["description"].endswith(".")
        low = item["semantics"]["minCardinality"]
        assert low == int(item["value"]["required"])
