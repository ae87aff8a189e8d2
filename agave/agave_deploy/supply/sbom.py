"""The bill of materials of an image or of the whole checkout, in CycloneDX 1.6.

    wheels, the lock, package-lock.json ─▶ parts.Package ─▶ write_sbom ─▶ a file

The same parts make the same bytes: there is no time in it, and its serial number
follows from the rest (https://cyclonedx.org/docs/1.6/json/).
"""

import hashlib
import json
import sys
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import (
    ExternalReference,
    ExternalReferenceType,
    HashAlgorithm,
    HashType,
    XsUri,
)
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from agave_deploy.errors import DeployError
from agave_deploy.images.parts import Package, read_checkout

__all__ = ["main", "write_sbom"]

Kind = Literal["container", "application"]

_SPACE: Final = uuid.UUID("6f8e3d0a-2f0f-5c55-9f5c-3d2d0f4b7a10")
_ALGORITHMS: Final = {
    "sha256": HashAlgorithm.SHA_256,
    "sha384": HashAlgorithm.SHA_384,
    "sha512": HashAlgorithm.SHA_512,
}


def write_sbom(
    path: Path, image: str, packages: Iterable[Package], kind: Kind = "container"
) -> None:
    """Write what an image is made of.

    Args:
        path: of the file; its folder is made.
        image: name and tag, as `ipt/terminal:0.1.0-3f2a90c1d7e4`.
        packages: what is in it.
        kind: of what the bill is.
    """
    name, _, version = image.partition(":")
    whole = Component(
        name=name, version=version or None, type=ComponentType(kind), bom_ref=image
    )
    ordered = sorted(packages, key=lambda one: one.purl)
    parts = {one.purl: _to_component(one) for one in ordered}
    bom = Bom(components=parts.values(), metadata=BomMetaData(component=whole))
    places = {(one.kind, one.name): parts[one.purl] for one in ordered}
    names = {one.name for one in ordered}
    direct = [
        parts[one.purl] for one in ordered if one.direct or not one.needed_by & names
    ]
    bom.register_dependency(whole, direct)
    for one in ordered:
        needed = [
            places[other.kind, other.name]
            for other in ordered
            if other.kind == one.kind and one.name in other.needed_by
        ]
        bom.register_dependency(parts[one.purl], needed)
    bom.serial_number = _SPACE
    digest = hashlib.sha256(_render(bom).encode()).hexdigest()
    bom.serial_number = uuid.uuid5(_SPACE, digest)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_render(bom), "utf-8")


def _render(bom: Bom) -> str:
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _to_component(package: Package) -> Component:
    licences = LicenseFactory()
    group, _, name = package.name.rpartition("/")
    component = Component(
        name=name,
        group=group or None,
        version=package.version,
        purl=PackageURL.from_string(package.purl),
        bom_ref=package.purl,
        licenses=[licences.make_from_string(package.licence)]
        if package.licence
        else [],
        scope=ComponentScope.EXCLUDED if package.development else None,
    )
    digests = [_to_hash(one) for one in package.digests]
    if len(digests) == 1:
        component.hashes.update(digests)
    elif digests:
        # One of these files is installed; which one, the machine decides.
        component.external_references.add(
            ExternalReference(
                type=ExternalReferenceType.DISTRIBUTION,
                url=XsUri(package.purl),
                hashes=digests,
            )
        )
    return component


def _to_hash(digest: str) -> HashType:
    algorithm, _, value = digest.partition(":")
    return HashType(alg=_ALGORITHMS[algorithm], content=value)


def main(arguments: Sequence[str]) -> int:
    """Write the bill of a whole checkout.

    Args:
        arguments: the checkout and the file.
    """
    root, path = Path(arguments[0]), Path(arguments[1])
    try:
        name, packages = read_checkout(root)
        write_sbom(path, name, packages, kind="application")
    except (DeployError, OSError) as error:
        sys.stderr.write(f"build.sh: {error}\n")
        return 1
    sys.stderr.write(f"{path} lists {len(packages)} packages\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
