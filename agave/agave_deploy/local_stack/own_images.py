"""Programs of one's own that stand in for images, beside those of the functions.

They are for actors that somebody registers themself (docs/automation.md §6).
"""

from pathlib import Path
from typing import Any, Final

import yaml

from agave_deploy.bundle.yaml_file import read_yaml
from agave_deploy.errors import StackError

__all__ = ["IMAGES_FILE", "read_own_images"]

IMAGES_FILE: Final = "images.yaml"


def read_own_images(data: Path) -> dict[str, Any]:
    """Return the table of a data folder, an empty one where there is none.

    What an entry may be is for the tenant to say (docs/local-tenant-actors.md).

    Raises:
        StackError: The file is no table.
    """
    try:
        own = read_yaml(data / IMAGES_FILE)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise StackError(f"{data / IMAGES_FILE} can't be read: {error}") from error
    if not isinstance(own, dict):
        raise StackError(
            f"{data / IMAGES_FILE} must have a line for each image, such as "
            "mine/tool: {command: [python3, /path/to/tool.py]}"
        )
    return {str(name): entry for name, entry in own.items()}
