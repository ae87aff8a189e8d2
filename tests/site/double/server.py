"""A tenant and a site at one address, as far as a browser sees them."""

import contextlib
import json
import re
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from .tenant import FUNCTIONS, Tenant

SITE: Final = Path(__file__).resolve().parents[3] / "static_site"
ROOT: Final = "/files/v2/download/ipt/system/ipt.site/site"
MEDIA_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}
ACTORS: Final = {name: "dev-" + name.replace("_", "-") for name in FUNCTIONS}


class Handler(BaseHTTPRequestHandler):
    """The addresses of a tenant, as far as the site uses them."""

    tenant: Tenant
    # Connections stay open and answers go out whole: pages load in half the time.
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65_536

    def log_message(self, *_: Any) -> None:
        """Say nothing: a test reads the tenant's calls instead."""

    def do_GET(self) -> None:
        """Serve the site, the sign-in page's way back, and files."""
        url = urlsplit(self.path)
        if url.path == "/authorize":
            state = parse_qs(url.query)["state"][0]
            location = f"{ROOT}/callback.html?code=code-1&state={state}"
            self._send(302, "text/plain", b"", Location=location)
        elif url.path == "/favicon.ico":
            # Asked for by the browser itself where a document names no icon.
            self._send(204, "image/x-icon", b"")
        elif url.path.startswith("/files/v2/media/"):
            self._send_file(unquote(url.path.partition("/ada/")[2]))
        elif found := re.fullmatch(r"/jobs/v2/(\w+)/outputs/media/(.+)", url.path):
            self._send_file(f"beside/{found[1]}/{unquote(found[2])}")
        else:
            self._send_site(url.path)

    def do_POST(self) -> None:
        """Take messages for functions, and uploads."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        url = urlsplit(self.path)
        found = re.fullmatch(r"/actors/v2/dev-([a-z-]+)/messages", url.path)
        if found is None:
            self._take_upload(unquote(url.path), body)
            return
        function = found[1].replace("-", "_")
        if not self._may_call(function, parse_qs(url.query)):
            fault = {"fault": {"code": 900904, "message": "Access Token Expired"}}
            self._send(401, "application/json", json.dumps(fault).encode())
            return
        status, answer = self.tenant.answer(function, json.loads(body))
        frame = {"status": status, "headers": {}, "body": answer}
        self._send(200, "application/octet-stream", json.dumps(frame).encode())

    def _may_call(self, function: str, query: dict[str, list[str]]) -> bool:
        if function == "auth_callback":
            return query.get("x-nonce") == ["NONCE_1"]
        return self._has_token()

    def _has_token(self) -> bool:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        return token in self.tenant.tokens

    def _take_upload(self, path: str, body: bytes) -> None:
        folder = path.partition("/ada/")[2]
        head, _, rest = body.partition(b"\r\n\r\n")
        name = re.search(rb'filename="([^"]+)"', head)
        if not self._has_token() or name is None:
            self._send(401, "text/plain", b"")
            return
        content = rest.rpartition(b"\r\n--")[0]
        self.tenant.files[f"{folder}/{name[1].decode()}".lstrip("/")] = content
        self._send(202, "application/json", b"{}")

    def _send_file(self, name: str) -> None:
        content = self.tenant.files.get(name)
        if content is None or not self._has_token():
            self._send(404, "text/plain", b"")
        elif name.rpartition("/")[2] in self.tenant.broken:
            self._send_half(content, 0.01)
        elif name.rpartition("/")[2] in self.tenant.slow:
            self._send_half(content, 10)
        else:
            self._send(200, "application/octet-stream", content)

    def _send_half(self, content: bytes, patience: float) -> None:
        """Break off in the middle, after a while or when nobody listens any more."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            self.connection.settimeout(patience)
            self.connection.recv(1)
        self.close_connection = True

    def _send_site(self, path: str) -> None:
        name = path.removeprefix(ROOT).lstrip("/")
        if name == "config.js":
            config = {
                "tenant": "",
                "instance": "dev",
                "authNonce": "NONCE_1",
                "storageSystem": "ipt.storage",
                "siteRoot": ROOT,
                "functions": ACTORS,
            }
            text = f"export const config = {json.dumps(config)};"
            self._send(200, "text/javascript", text.encode())
            return
        file = SITE / name
        if not file.is_file():
            self._send(404, "text/plain", b"")
            return
        kept = {"Cache-Control": "max-age=3600"}
        self._send(200, MEDIA_TYPES[file.suffix], file.read_bytes(), **kept)

    def _send(
        self, status: int, media_type: str, content: bytes, **headers: str
    ) -> None:
        headers = {"Cache-Control": "no-store"} | headers
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        # A page that is left does not wait for the rest of its files.
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)
