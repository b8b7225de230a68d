"""The gateway of the deployed stack lets nobody through without an ID token of the pool, whatever is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proof.gateway import gateway_cases

if TYPE_CHECKING:
    from stack.client import Client


def test_no_token_but_an_id_token_of_the_pool_opens_anything(client: Client) -> None:
    """None, garbage, expired, of another pool, with claims of one's own, an access token: 401 on every operation."""
    cases = [*gateway_cases(client)]
    assert len({case.operation for case in cases}) > 40
    assert len({case.token for case in cases}) == 13
    assert [str(case) for case in cases if case.faults] == []
