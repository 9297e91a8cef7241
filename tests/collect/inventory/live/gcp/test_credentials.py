"""Requests are let in by credentials that were handed in, those of google-auth as they are; a token goes where it is meant to go alone."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from benchmarks._gcp import Told, google
from tests.collect.inventory.live.gcp.asking import QUICK, account_file

from bartizan.collect.inventory.estates import gcp
from bartizan.collect.inventory.live.gcp.collector import Sought
from bartizan.collect.inventory.live.gcp.credentials import Google, default
from bartizan.collect.inventory.live.rest.client import Connections, Unanswered
from bartizan.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks._gcp import Google as Server

pytestmark = [pytest.mark.enable_socket, pytest.mark.allow_hosts(["127.0.0.1"])]


class Held:
    """Credentials as google-auth makes them: a token that is asked for when there is none."""

    def __init__(self) -> None:
        self.token: str | None = None
        self.expiry = datetime(2100, 1, 1, tzinfo=UTC)
        self.made = 0

    def before_request(self, _request: Any, _method: str, _url: str, headers: dict[str, str]) -> None:  # noqa: ANN401 - a transport
        if self.token is None:
            self.made += 1
            self.token = f"token-{self.made}"
        headers["authorization"] = f"Bearer {self.token}"


class BrokenError(Exception):
    retryable = True


class Refused(Held):
    def before_request(self, *_told: object) -> None:
        message = "invalid_grant:\n account not found"
        raise BrokenError(message)


def test_a_token_that_is_refused_is_asked_for_anew_once(cloud: Server) -> None:
    held = Held()
    cloud.refuse("v3/projects/shop", Told({"error": {"code": 401}}, 401), times=1)
    with closing(Connections(Google(held, request=object(), quota="audit"))) as client:
        reply = client.ask("GET", f"{cloud.endpoint}/cloudresourcemanager.googleapis.com/v3/projects/shop")
    assert (reply.status, held.made) == (200, 2)
    assert dict(cloud.tokens) == {"Bearer token-1": 1, "Bearer token-2": 1}


def test_who_pays_is_told() -> None:
    assert Google(Held(), request=object(), quota="audit").headers("https://x.googleapis.com/")["x-goog-user-project"] == "audit"
    assert "x-goog-user-project" not in Google(Held(), request=object()).headers("https://x.googleapis.com/")


def test_no_token_is_shown_in_the_clear() -> None:
    with pytest.raises(Unanswered, match=r"^no token is shown to http://metadata\.example\.com$") as caught:
        Google(Held(), request=object()).headers("http://metadata.example.com/x")
    assert caught.value.again is False


def test_credentials_that_are_refused_say_so() -> None:
    with pytest.raises(Unanswered, match=r"^the credentials were not accepted: invalid_grant: account not found$") as caught:
        Google(Refused(), request=object()).headers("https://x.googleapis.com/")
    assert caught.value.again is True


def test_without_credentials_it_is_said_where_they_come_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    file.write_text("{}")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    with pytest.raises(InputError, match="gcloud auth application-default login"):
        default()


def test_the_file_of_a_service_account_lets_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("google.auth")
    with google() as cloud:
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(account_file(tmp_path, cloud.endpoint)))
        with closing(Connections(Google(default()))) as client:
            reply = client.ask("GET", f"{cloud.endpoint}/cloudresourcemanager.googleapis.com/v3/projects/shop")
        assert reply.status == 200
        assert cloud.tokens["Bearer a-token"] == 1


def test_a_running_cloud_is_read_with_credentials_that_are_handed_in(cloud: Server) -> None:
    said: list[str] = []
    sought = Sought(nodes=["projects/shop"], endpoint=cloud.endpoint, rates=QUICK, progress=said.append)
    facts = gcp.read(sought, credentials=Held())
    assert (facts.gaps, len(facts.resources) > 20) == ([], True)
    assert list(cloud.tokens) == ["Bearer token-1"]
    assert said[0] == "projects/shop: 10 requests"
    with pytest.raises(UsageError, match=r"^'shop' is no node of Google Cloud"):
        gcp.read(Sought(nodes=["shop"]))
