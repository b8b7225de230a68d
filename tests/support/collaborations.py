"""A collaboration as it is now, and calls about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from support.app import Response
    from support.people import Office, Person


def shown(office: Office, collaboration: dict[str, Any] | str) -> dict[str, Any]:
    """The collaboration as it is now; by its id, too."""
    name = collaboration if isinstance(collaboration, str) else collaboration["id"]
    found: dict[str, Any] = office.anna.get(f"/collaborations/{name}").json
    return found


def at_revision(person: Person, method: str, path: str, collaboration: dict[str, Any], body: Any = None) -> Response:
    """A call at the revision that was seen."""
    return person.call(method, path, body, headers={"If-Match": f'"{collaboration["revision"]}"'})


def done_at_revision(person: Person, method: str, path: str, collaboration: dict[str, Any], body: Any = None) -> Any:
    """What a call at the revision that was seen answers; the test fails when it is refused."""
    answer = at_revision(person, method, path, collaboration, body)
    assert answer.status == 200, answer.text
    return answer.json
