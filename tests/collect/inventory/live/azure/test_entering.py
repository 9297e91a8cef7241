"""A token goes to who it is for, and to nobody else; an Azure says by itself where its parts are."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import pytest
from tests.collect.inventory.live.azure.estate import emulated, shop

from bartizan.collect.inventory.live.azure.asking import why
from bartizan.collect.inventory.live.azure.clouds import CHINA, GOVERNMENT, PUBLIC, Cloud, cloud_at
from bartizan.collect.inventory.live.azure.credentials import Tokens, default_credential
from bartizan.collect.inventory.live.calls import Failure
from bartizan.collect.inventory.live.rest.client import Connections, Reply, Unanswered
from bartizan.errors import InputError, MissingExtra


@dataclass(frozen=True)
class Token:
    token: str
    expires_on: int


@dataclass
class Credential:
    """Gives numbered tokens that hold for an hour."""

    now: float = 0.0
    asked: list[str] = field(default_factory=list)

    def get_token(self, *scopes: str) -> Token:
        self.asked += scopes
        if self.now < 0:
            message = "az is not\n signed in\nAttempted credentials:\n\tOne: no\n\tAnother: no"
            raise RuntimeError(message)
        return Token(f"token-{len(self.asked)}", int(self.now) + 3600)


class Says:
    def __init__(self, told: bytes | Unanswered) -> None:
        self._told = told

    def ask(self, _method: str, _url: str, _body: bytes = b"") -> Reply:
        if isinstance(self._told, Unanswered):
            raise self._told
        return Reply(200, self._told)


def test_a_token_is_asked_for_once_and_anew_before_it_ends_or_when_it_is_refused() -> None:
    credential = Credential()
    tokens = Tokens(credential, PUBLIC, now=lambda: credential.now)
    manager, graph = "https://management.azure.com/subscriptions", "https://graph.microsoft.com/v1.0/users"
    given = [tokens.headers(url)["Authorization"] for url in (manager, manager, graph)]
    credential.now = 3301
    given.append(tokens.headers(manager)["Authorization"])
    tokens.forget(manager)
    given.append(tokens.headers(manager)["Authorization"])
    assert given == ["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-3", "Bearer token-4"]
    assert credential.asked[:2] == ["https://management.azure.com/.default", "https://graph.microsoft.com/.default"]


@pytest.mark.parametrize(
    "url",
    [
        "https://management.azure.com.evil.example/",
        "https://management.azure.com:444/",
        "http://management.azure.com/",
        "https://graph.microsoft.us/",
    ],
)
def test_no_token_is_shown_to_anybody_else(url: str) -> None:
    credential = Credential()
    with pytest.raises(Unanswered, match="no token is shown to http"):
        Tokens(credential, PUBLIC).headers(url)
    assert credential.asked == []


def test_over_plain_http_a_token_is_shown_to_this_machine_alone() -> None:
    here, there = (Cloud(f"http://{host}:1", "", "", "https://a.example", "") for host in ("127.0.0.1", "10.0.0.1"))
    assert Tokens(Credential(), here).headers("http://127.0.0.1:1/x") == {"Authorization": "Bearer token-1"}
    with pytest.raises(Unanswered, match=r"no token is shown to http://10\.0\.0\.1:1"):
        Tokens(Credential(), there).headers("http://10.0.0.1:1/x")


def test_a_credential_that_gives_no_token_says_why() -> None:
    with pytest.raises(Unanswered, match=r"no token for https://management\.azure\.com: az is not signed in$"):
        Tokens(Credential(now=-1), PUBLIC).headers("https://management.azure.com/")


@pytest.mark.parametrize(
    ("endpoint", "cloud"),
    [
        ("", PUBLIC),
        ("https://management.azure.com/", PUBLIC),
        ("https://management.usgovcloudapi.net", GOVERNMENT),
        ("https://management.chinacloudapi.cn/", CHINA),
    ],
)
def test_national_azures_are_known(endpoint: str, cloud: Cloud) -> None:
    assert cloud_at(endpoint, Says(Unanswered("nobody is asked"))) == cloud


@pytest.mark.enable_socket
def test_another_azure_is_asked_where_its_parts_are() -> None:
    with emulated(shop()) as cloud:
        anybody = Connections(type("Nobody", (), {"headers": lambda *_: {}, "forget": lambda *_: None})())
        assert cloud_at(f"{cloud.manager}/", anybody) == cloud
        anybody.close()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (Unanswered("refused"), "--endpoint https://a.example: no Azure Resource Manager answers there: refused"),
        (b"<html>", "--endpoint https://a.example: what answers there is no Azure Resource Manager: /metadata/endpoints"),
        (b'{"authentication": 1}', "what answers there is no Azure Resource Manager"),
    ],
)
def test_what_is_no_azure_is_told(told: bytes | Unanswered, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cloud_at("https://a.example", Says(told))


def test_an_azure_that_says_little_is_asked_under_its_own_name_and_has_no_directory() -> None:
    told = cloud_at("https://a.example/", Says(b'{"authentication": {"audiences": []}, "microsoftGraphResourceId": 5}'))
    assert told == Cloud("https://a.example", "", "", "https://a.example", "")
    assert told.audience_of("https://b.example") == ""


def test_a_credential_is_that_of_the_environment_and_of_a_tenant_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [type(default_credential(PUBLIC, tenant=tenant)).__name__ for tenant in ("", "11111111-1111-1111-1111-111111111111")]
    assert names == ["DefaultAzureCredential", "ChainedTokenCredential"]
    with pytest.raises(InputError, match="the credential of Azure cannot be used: "):
        default_credential(Cloud("https://a.example", "", "http://login.example", "", ""))
    monkeypatch.setitem(sys.modules, "azure.identity", None)
    with pytest.raises(MissingExtra, match=r"bartizan\[azure\]"):
        default_credential(PUBLIC)


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (400, "NoRegisteredProviderFound", "not-implemented"),
        (400, "InvalidApiVersionParameter", "not-implemented"),
        (400, "Authorization_RequestDenied", "denied"),
        (403, "AuthorizationFailed", "denied"),
        (429, "RateLimiting", "throttled"),
        (404, "ResourceNotFound", "failed"),
    ],
)
def test_what_an_azure_does_not_have_is_no_failure_of_it(status: int, code: str, reason: str) -> None:
    told = why(Reply(status, f'{{"error": {{"code": "{code}", "message": "m"}}}}'.encode()))
    assert told == Failure(reason, code, "m")
