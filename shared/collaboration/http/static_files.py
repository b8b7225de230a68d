"""Files that pages load: read once, served from the API's own origin, each with an ETag."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Self

from collaboration.frozen import dataclass
from collaboration.http.request import Request
from collaboration.http.response import Response
from collaboration.services import not_found

CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
}


@dataclass(frozen=True)
class File:
    """A file as it is served. `etag` names the content: another content has another one."""

    text: str
    content_type: str
    etag: str

    @classmethod
    def of(cls, text: str, suffix: str) -> Self:
        """A file with that text; `suffix`, such as `.js`, tells what it is."""
        return cls(text, CONTENT_TYPES[suffix], f'"{sha256(text.encode()).hexdigest()[:32]}"')


def read_files(*folders: Path) -> dict[str, File]:
    """Everything that can be asked for, by name. Nothing is ever opened by a name that a caller sends."""
    return {
        path.name: File.of(path.read_text(encoding="utf-8"), path.suffix)
        for folder in folders
        for path in folder.iterdir()
        if path.suffix in CONTENT_TYPES
    }


def page_response(file: File, request: Request, policy: str) -> Response:
    """A page, or where it stands when the address ends in slashes: its links are relative, and would lead nowhere.

    No browser keeps it, as no answer: what it shows of the API would come back with it, after signing out as well.
    """
    if request.trailing_slashes:
        name = request.route.rpartition("/")[2]
        return Response(302, None, {"Location": request.reference(name)}, file.content_type)
    return unless_known(file, request, {"Content-Security-Policy": policy})


def file_response(file: File | None, request: Request, policy: str) -> Response:
    """A file that pages load, or 304 when the browser has this very version. `policy`: its Content-Security-Policy.

    It is the same for everybody and holds nothing of anybody, so browsers may keep it, and ask each time.

    Raises:
        RefusedError: there is no such file.
    """
    if file is None:
        raise not_found()
    return unless_known(file, request, {"Cache-Control": "no-cache", "Content-Security-Policy": policy})


def unless_known(file: File, request: Request, headers: Mapping[str, str]) -> Response:
    """A file with its ETag, or 304 when `If-None-Match` names it: compared weakly, as RFC 9110 says of reading."""
    headers = {"ETag": file.etag, **headers}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if file.etag in known or "*" in known:
        return Response(304, None, headers, file.content_type)
    return Response(200, file.text, headers, file.content_type)
