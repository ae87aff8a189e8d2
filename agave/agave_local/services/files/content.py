"""Media types of published files; a fixed table, the same on every machine."""

_TYPES = {
    "css": "text/css; charset=utf-8",
    "gif": "image/gif",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "md": "text/markdown; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
    "wasm": "application/wasm",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
UNKNOWN = "application/octet-stream"


def guess_type(name: str) -> str:
    """Return the media type that the end of a file's name stands for."""
    _, dot, end = name.rpartition(".")
    return _TYPES.get(end.lower(), UNKNOWN) if dot else UNKNOWN
