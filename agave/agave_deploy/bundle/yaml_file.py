"""Reads YAML that people write: what stands there twice is refused, not lost."""

from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["read_yaml"]

_MERGE: Final = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    """Refuses a mapping that has a key twice: one of them would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's own signature
        # What is merged in gives way to what stands there, as it shall.
        own = [key for key, _ in node.value if key.tag != _MERGE]
        keys = [self.construct_object(key, deep=True) for key in own]
        for key, name in zip(own, keys, strict=True):
            if keys.count(name) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"the field {name} stands there twice",
                    problem_mark=key.start_mark,
                )
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """Return what a file holds.

    Raises:
        OSError: It can't be read.
        ValueError: It is no text.
        YAMLError: It is no YAML, or has a key twice.
        RecursionError: It nests too deeply.
    """
    return yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a SafeLoader
