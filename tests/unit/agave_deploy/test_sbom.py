"""The bill of materials says what something is made of, and the same each time."""

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from agave_deploy.errors import ImageError
from agave_deploy.images.parts import Package, read_npm_lock, read_wheels
from agave_deploy.supply.lock import LOCK, Pinned
from agave_deploy.supply.sbom import main, write_sbom

ROOT = Path(__file__).parents[3]
IMAGE = "ipt/terminal:0.1.0-3f2a90c1d7e4"
REQUESTS = Package(
    "requests",
    "2.34.2",
    licence="Apache-2.0",
    digests=("sha256:" + "a" * 64,),
    direct=True,
)
IDNA = Package(
    "idna",
    "3.20",
    licence="BSD",
    digests=("sha256:" + "b" * 64, "sha256:" + "c" * 64),
    needed_by=frozenset({"requests", "not-here"}),
)


def _integrity(byte: int) -> str:
    return "sha512-" + base64.b64encode(bytes([byte]) * 64).decode()


NPM = {
    "packages": {
        "": {"dependencies": {"@lezer/cpp": "^1"}, "devDependencies": {"axe": "^4"}},
        "node_modules/@lezer/cpp": {
            "version": "1.1.6",
            "integrity": _integrity(0),
            "license": "MIT",
            "dependencies": {"@lezer/common": "^1"},
        },
        "node_modules/@lezer/common": {"version": "1.5.5", "integrity": _integrity(1)},
        "node_modules/axe": {"version": "4", "integrity": _integrity(2), "dev": True},
    }
}

MakeWheel = Callable[..., Path]


def _write(path: Path, *packages: Package) -> dict[str, Any]:
    write_sbom(path, IMAGE, packages)
    text = path.read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    document: dict[str, Any] = json.loads(text)
    return document


def _part(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in document["components"] if one["name"] == name]
    assert isinstance(found, dict)
    return found


def test_bill_of_an_image(tmp_path: Path) -> None:
    """Each package is there with version, address, licence and digest."""
    document = _write(tmp_path / "new/terminal.json", REQUESTS)

    assert document["metadata"]["component"] == {
        "bom-ref": IMAGE,
        "name": "ipt/terminal",
        "type": "container",
        "version": "0.1.0-3f2a90c1d7e4",
    }
    assert document["components"] == [
        {
            "bom-ref": "pkg:pypi/requests@2.34.2",
            "hashes": [{"alg": "SHA-256", "content": "a" * 64}],
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "name": "requests",
            "purl": "pkg:pypi/requests@2.34.2",
            "type": "library",
            "version": "2.34.2",
        }
    ]


def test_who_needs_whom(tmp_path: Path) -> None:
    """The bill tells which package is there for which other one."""
    document = _write(tmp_path / "bill.json", REQUESTS, IDNA)

    needed = {one["ref"]: one.get("dependsOn") for one in document["dependencies"]}
    assert needed == {
        IMAGE: ["pkg:pypi/requests@2.34.2"],
        "pkg:pypi/requests@2.34.2": ["pkg:pypi/idna@3.20"],
        "pkg:pypi/idna@3.20": None,
    }


def test_one_file_of_several(tmp_path: Path) -> None:
    """Where several files may be installed, their digests are of a distribution."""
    document = _write(tmp_path / "bill.json", IDNA)

    part = _part(document, "idna")
    (distribution,) = part["externalReferences"]
    assert "hashes" not in part
    assert distribution["type"] == "distribution"
    assert distribution["url"] == "pkg:pypi/idna@3.20"
    assert [one["content"][0] for one in distribution["hashes"]] == ["b", "c"]
    assert part["licenses"] == [{"license": {"name": "BSD"}}]


def test_same_parts_same_bytes(tmp_path: Path) -> None:
    """Order and time change nothing; another part changes the serial number."""
    first = _write(tmp_path / "1.json", REQUESTS, IDNA)
    _write(tmp_path / "2.json", IDNA, REQUESTS)
    other = _write(tmp_path / "3.json", REQUESTS)

    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()
    assert "timestamp" not in first["metadata"]
    assert first["serialNumber"] != other["serialNumber"]


def test_modules_of_the_site(tmp_path: Path) -> None:
    """The site's modules have their scopes, digests, and what is only for tests."""
    document = _write(tmp_path / "bill.json", *read_npm_lock(NPM))

    purls = {one["purl"]: one.get("scope") for one in document["components"]}
    assert purls == {
        "pkg:npm/%40lezer/common@1.5.5": None,
        "pkg:npm/%40lezer/cpp@1.1.6": None,
        "pkg:npm/axe@4": "excluded",
    }
    assert _part(document, "cpp")["hashes"] == [
        {"alg": "SHA-512", "content": "00" * 64}
    ]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"packages": {}},
        {"packages": []},
        {"packages": {"": {}, "node_modules/a": {"version": "1"}}},
        {"packages": {"": {}, "node_modules/a": {"version": "1", "integrity": "x-?"}}},
    ],
)
def test_bad_npm_lock(document: dict[str, Any]) -> None:
    """A lock of another version, or without digests, is refused."""
    with pytest.raises(ImageError, match=r"package-lock\.json can't be read"):
        read_npm_lock(document)


@pytest.fixture
def make_wheel(tmp_path: Path) -> MakeWheel:
    """Return a maker of wheels."""

    def make(metadata: str, name: str = "py_x-1.0-py3-none-any.whl") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w") as wheel:
            wheel.writestr("py_x-1.0.dist-info/METADATA", metadata)
        return path

    return make


PINNED = Pinned("py-x", "1.0", ("sha256:1",), groups=frozenset({""}))


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        (
            "License-Expression: MIT OR BSD-3-Clause\nLicense: x\n",
            "MIT OR BSD-3-Clause",
        ),
        (
            "License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n",
            "MIT",
        ),
        ("License: Apache 2.0\n", "Apache-2.0"),
        ("License: LGPL\nClassifier: Topic :: Text\n", "LGPL"),
        ("License: Redistribution and use in source and\n  binary forms are\n", ""),
        ("Name: py.x\n", ""),
    ],
)
def test_licence_of_a_wheel(
    make_wheel: MakeWheel, tmp_path: Path, metadata: str, licence: str
) -> None:
    """The licence is what the package says, by SPDX where that is plain."""
    make_wheel(metadata)

    (package,) = read_wheels(tmp_path, [PINNED])

    assert (package.licence, package.direct) == (licence, True)
    assert package.digests[0].startswith("sha256:")


def test_no_wheel(tmp_path: Path) -> None:
    """A package whose wheel is not there is named."""
    with pytest.raises(ImageError, match=r"no wheel of py-x 1\.0"):
        read_wheels(tmp_path, [PINNED])


def test_damaged_wheel(make_wheel: MakeWheel, tmp_path: Path) -> None:
    """A wheel that is none is refused by its name."""
    make_wheel("").write_text("no archive")

    with pytest.raises(ImageError, match=r"py_x-1\.0-py3-none-any\.whl can't be read"):
        read_wheels(tmp_path, [PINNED])


def test_bill_of_the_checkout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole checkout's bill has every package of both locks."""
    bill = tmp_path / "dist/sbom.json"

    assert main([str(ROOT), str(bill)]) == 0

    text = bill.read_text("utf-8")
    document = json.loads(text)
    npm = json.loads((ROOT / "static_site/package-lock.json").read_text("utf-8"))
    entries = (ROOT / LOCK).read_text("utf-8").splitlines()
    locked = sum("==" in line and line[:1].isalnum() for line in entries)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert document["metadata"]["component"]["type"] == "application"
    assert len(document["components"]) == locked + len(npm["packages"]) - 1
    assert f"lists {len(document['components'])} packages" in capsys.readouterr().err


def test_bill_of_no_checkout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is no checkout is refused in a sentence."""
    assert main([str(tmp_path), str(tmp_path / "bill.json")]) == 1
    assert "is not the checkout" in capsys.readouterr().err
