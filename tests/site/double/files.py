"""The function `files`, for a home in memory."""

from typing import Any
from urllib.parse import quote

from .frames import Frame, error
from .state import State


def answer_files(
    state: State,
    method: str,
    path: str,
    query: dict[str, Any],
    body: dict[str, Any],
) -> Frame:
    """Answer for `files`."""
    match method, path:
        case "GET", "/files":
            entries = _entries(state, query["path"])
            return 200, {"path": query["path"], "entries": entries, "more": False}
        case "POST", "/folders":
            state.folders.add(body["path"])
            return 201, {}
        case "POST", "/files/rename":
            folder, _, _ = body["path"].rpartition("/")
            name = f"{folder}/{body['name']}".lstrip("/")
            state.files[name] = state.files.pop(body["path"])
            return 200, {}
        case "DELETE", "/files":
            state.files.pop(query["path"], None)
            return 200, {}
        case "POST", "/uploads":
            url = f"/files/v2/media/system/ipt.storage/ada/{body['path']}"
            return 200, {"url": url, "method": "POST", "field": "fileToUpload"}
        case _:
            pass
    return _download(state, query["path"])


def _download(state: State, path: str) -> Frame:
    if path not in state.files:
        return error(404, "not_found", f"There is no '{path}' in your home.")
    url = f"/files/v2/media/system/ipt.storage/ada/{quote(path)}"
    return 200, {"url": url, "name": path.rpartition("/")[2], "size": 1}


def _entries(state: State, folder: str) -> list[dict[str, Any]]:
    inside = f"{folder}/" if folder else ""
    entries = [
        {"path": path, "type": "dir", "size": 0}
        for path in sorted(state.folders)
        if path.rpartition("/")[0] == folder
    ]
    entries += [
        {"path": path, "type": "file", "size": len(content)}
        for path, content in sorted(state.files.items())
        if path.startswith(inside) and path.rpartition("/")[0] == folder
    ]
    modified = "2026-11-20T09:30:00Z"
    return [
        {"name": str(e["path"]).rpartition("/")[2], "modified": modified} | e
        for e in entries
    ]
