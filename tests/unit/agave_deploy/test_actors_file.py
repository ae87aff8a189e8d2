"""Reading actors.yaml: what is refused, and what the refusal says."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from agave_deploy.bundle.actors_file import read_functions, read_schema
from agave_deploy.bundle.models import Function, Limits
from agave_deploy.errors import ManifestError

ROOT = Path(__file__).parents[3]
GROUPS = "[project.optional-dependencies]\nfunction = []\nkeys = []\nhosts = []\n"


def read(root: Path, text: str) -> tuple[Function, ...]:
    """Read a text as the actors.yaml of a checkout."""
    (root / "actors.yaml").write_text(text, "utf-8")
    return read_functions(root)


def read_one(root: Path, fields: str) -> Function:
    """Read the one function `x`, which has some more fields."""
    entry = f"{{name: x, description: y, grants: members, {fields}}}"
    return read(root, f"functions: [{entry}]")[0]


def refusal(root: Path, text: str) -> str:
    """Return why a text is refused."""
    with pytest.raises(ManifestError) as caught:
        read(root, text)
    return str(caught.value)


def test_read_functions_whole(tmp_path: Path) -> None:
    """Every field of the file arrives in the function."""
    (tmp_path / "pyproject.toml").write_text(GROUPS, "utf-8")

    (function,) = read(
        tmp_path,
        "functions:\n"
        "  - {name: a-b, description: It works., configs: [settings],\n"
        "     secrets: [ssh-key], extras: [keys, hosts], hints: [sync], nonce: true,\n"
        "     grants: nobody, cron: now + 2 days,\n"
        "     limits: {workers: 3, memory: 2g, processors: 500}}\n",
    )

    assert function == Function(
        "a-b",
        "It works.",
        configs=("settings",),
        grants="nobody",
        secrets=("ssh-key",),
        nonce=True,
        extras=("keys", "hosts"),
        limits=Limits(3, "2g", 500),
        hints=("sync",),
        cron="now + 2 days",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "actors.yaml: nothing is wrong; right is a mapping with the one key"),
        ("functions: {}", "actors.yaml: functions: {} is wrong; right is a list of"),
        ("functions: []", "actors.yaml: functions: [] is wrong; right is a list of"),
        ("[]", "actors.yaml: [] is wrong; right is a mapping"),
        ("{}", "actors.yaml: it needs functions, a list of functions"),
        ("functions: [", "actors.yaml can't be read"),
        ("functions: \xff\udcff", "actors.yaml can't be read"),
        ("functions: [terminal]", "functions[0]: 'terminal' is wrong; right is a map"),
        (
            "functions: [{name: Job_Submit, description: y, grants: members}]",
            "function 'Job_Submit': name: 'Job_Submit' is wrong; right is lower-case",
        ),
        (
            "functions: [{name: 7, description: y, grants: members}]",
            "functions[0]: name: 7 is wrong; right is lower-case words",
        ),
        (
            "functions: [{name: x}]",
            "function 'x': it needs description, a sentence for people, in one line; ",
        ),
        (
            "functions: [&f {name: x, description: y, grants: members}, *f]",
            "function 'x': there is another one of that name",
        ),
    ],
)
def test_read_functions_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A wrong file is refused with the place and what would be right."""
    (tmp_path / "actors.yaml").write_bytes(text.encode("latin-1", "surrogateescape"))

    with pytest.raises(ManifestError) as caught:
        read_functions(tmp_path)

    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("crone: 1", "there is no field crone; is cron meant?"),
        ("colour: red", "there is no field colour; there are name, description"),
        ("1: red", "there is no field 1; there are name"),
        ("environment: {A: b}", "there is no field environment: functions get no var"),
        ("configs: a", "configs: 'a' is wrong; right is a list of the Abaco configs"),
        ("configs: [a]", "configs[0]: 'a' is wrong; right is the config settings"),
        ("configs: [settings, settings]", "configs: settings stands there twice"),
        ("secrets: [key]", "secrets[0]: 'key' is wrong; right is one of oauth-client"),
        ("hints: [1]", "hints[0]: 1 is wrong; right is a word for Abaco"),
        ("hints: [b c]", "hints[0]: 'b c' is wrong; right is a word for Abaco"),
        ("nonce: 'yes'", "nonce: 'yes' is wrong; right is true or false"),
        ("limits: 3", "limits: 3 is wrong; right is a mapping of workers, memory"),
        ("limits: {cores: 1}", "limits: there is no field cores; is workers meant?"),
        ("limits: {workers: 0}", "limits: workers: 0 is wrong; right is a whole"),
        ("limits: {workers: true}", "limits: workers: True is wrong; right is a whole"),
        ("limits: {workers: 101}", "limits: workers: 101 is wrong; right is a whole"),
        ("limits: {memory: 512}", "limits: memory: 512 is wrong; right is the memory"),
        ("limits: {memory: 63m}", "limits: memory: '63m' is wrong"),
        ("limits: {memory: 65g}", "limits: memory: '65g' is wrong"),
        ("limits: {memory: 1t}", "such as 512m"),
        ("limits: {processors: 0.5}", "processors: 0.5 is wrong; right is a whole num"),
        ("cron: 1", "cron: 1 is wrong; right is Abaco's schedule"),
        ("cron: hourly", "cron: 'hourly' is wrong"),
        ("cron: now + 5 minutes", "such as 'now + 1 hour'"),
        ("cron: now + 0 hours", "cron: 'now + 0 hours' is wrong"),
        ("extras: [Fast]", "extras[0]: 'Fast' is wrong; right is the name of a group"),
        ("extras: [fast]", "extras: 'fast' is wrong; right is a group of pyproject.t"),
        ("extras: [function]", "extras: function is in every image; leave it out"),
        (f"hints: [{'a' * 99}]", "aaa… is wrong"),
    ],
)
def test_read_functions_field(tmp_path: Path, fields: str, reason: str) -> None:
    """A wrong field is refused with function, field and what would be right."""
    (tmp_path / "pyproject.toml").write_text(GROUPS, "utf-8")

    with pytest.raises(ManifestError) as caught:
        read_one(tmp_path, fields)

    assert str(caught.value).startswith("actors.yaml: function 'x': ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("limit", ["64m", "999m", "4096m", "1g", "64g"])
def test_read_functions_memory(tmp_path: Path, limit: str) -> None:
    """Sizes from 64 MiB to 64 GiB are taken."""
    assert read_one(tmp_path, f"limits: {{memory: {limit}}}").limits.memory == limit


@pytest.mark.parametrize("cron", ["now + 1 hour", "2026-11-22 18 + 2 days"])
def test_read_functions_cron(tmp_path: Path, cron: str) -> None:
    """A function with a schedule is registered with it, switched on."""
    actor = read_one(tmp_path, f"cron: {cron}").actor("dev")

    assert (actor["cronSchedule"], actor["cronOn"]) == (cron, True)


def test_read_functions_grants(tmp_path: Path) -> None:
    """Only the three kinds of callers are known, and somebody has to be one."""
    some = refusal(
        tmp_path, "functions: [{name: x, description: y, grants: everybody}]"
    )
    none = refusal(tmp_path, "functions: [{name: x, description: y, grants: nobody}]")

    assert "grants: 'everybody' is wrong; right is who may send messages" in some
    assert "function 'x': grants: nobody could call it" in none


def test_read_functions_key_twice(tmp_path: Path) -> None:
    """A key that stands twice is refused with its line; neither value is lost."""
    text = "functions:\n- name: x\n  description: y\n  grants: admins\n  name: z\n"

    reason = refusal(tmp_path, text)

    assert "actors.yaml can't be read: the field name stands there twice" in reason
    assert "line 2" in reason


def test_read_functions_all_faults(tmp_path: Path) -> None:
    """All faults are named at once, each in a line of its own."""
    reason = refusal(
        tmp_path,
        "functions: [{name: x, description: y, grants: all, crone: 1},\n"
        "            {name: z, description: y, grants: members, hints: 7}]",
    )

    assert [line.partition(": ")[2][:12] for line in reason.splitlines()] == [
        "function 'x'",
        "function 'x'",
        "function 'z'",
    ]


def test_read_functions_no_groups(tmp_path: Path) -> None:
    """Extras are refused where there is no list of them."""
    missing = "functions: [{name: x, description: y, grants: members, extras: [keys]}]"

    assert "pyproject.toml can't be read" in refusal(tmp_path, missing)
    (tmp_path / "pyproject.toml").write_text("[project]\n", "utf-8")
    assert "extras: 'keys' is wrong" in refusal(tmp_path, missing)


def test_read_functions_no_file(tmp_path: Path) -> None:
    """A folder that is no checkout is refused."""
    with pytest.raises(ManifestError, match=r"actors\.yaml can't be read: No such"):
        read_functions(tmp_path)


@pytest.mark.parametrize("text", ["[" * 5000, f"# {' ' * 300_000}"])
def test_read_functions_hostile(tmp_path: Path, text: str) -> None:
    """A file that nests too deeply or is huge is refused, and ends nothing."""
    assert "actors.yaml can't be read" in refusal(tmp_path, text)


def test_schema_is_one() -> None:
    """The schema is one of draft 2020-12, and says of every field what is right."""
    schema = read_schema()
    function = schema["$defs"]["function"]
    fields = [*function["properties"].values()]
    fields += [*schema["$defs"]["limits"]["properties"].values(), function]
    fields += [each["items"] for each in fields if "items" in each]

    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert [each for each in fields if not {"$ref", "description"} & each.keys()] == []


def test_schema_is_named_for_editors() -> None:
    """An editor finds the schema by the first line of actors.yaml."""
    line = (ROOT / "actors.yaml").read_text("utf-8").partition("\n")[0]

    path = line.partition("$schema=")[2]

    assert json.loads((ROOT / path).read_text("utf-8")) == read_schema()
