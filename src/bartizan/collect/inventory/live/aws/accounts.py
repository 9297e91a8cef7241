"""Say which accounts are read and with whose rights: that of a session, and those whose roles it can take on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.contract import Gap
from bartizan.collect.inventory.live.aws.caller import Caller
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.calls import Failure
from bartizan.errors import InputError, MissingExtra, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bartizan.collect.inventory.live.aws.caller import Connection, Session
    from bartizan.collect.inventory.live.aws.calls import Ask

__all__ = ["CALLS", "HOMES", "Role", "Through", "assumed", "identity", "profiles", "regions_of", "sessions_of", "whose"]

CALLS: Final = ("organizations:ListAccounts",)
"""What is asked to know the accounts of an organization."""

HOMES: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the global services of a partition are asked."""
_NAME: Final = "bartizan"
_ROLE_ARN: Final = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_ROLE_NAME: Final = re.compile(r"[\w+=,.@/-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """Through which roles other accounts are read."""

    roles: tuple[str, ...] = ()
    """ARNs of roles."""
    organization: str = ""
    """The name, behind its path, of the role that each account of the organization has; "" for no others."""
    external_id: str = ""


def identity(ask: Ask, region: str) -> Place:
    """Return the account and partition whose rights are used, and where its global services are; InputError where it cannot be told."""
    found = whose(ask, region)
    if isinstance(found, Failure):
        message = f"AWS does not say whose rights these are ({_told(found)}): name a profile that has credentials"
        raise InputError(message)
    return found


def _told(failure: Failure) -> str:
    return ": ".join(filter(None, (failure.code, failure.message)))


def whose(ask: Ask, region: str) -> Place | Failure:
    """Return the account and partition whose rights are used, or why that cannot be told: a role that cannot be taken on."""
    answer = ask(Call.of(Place("", region), "sts:GetCallerIdentity"))
    if answer.failure:
        return answer.failure
    partition = str(answer.document["Arn"]).split(":")[1]
    return Place(str(answer.document["Account"]), HOMES.get(partition, region), partition)


def regions_of(ask: Ask, home: Place) -> list[str] | None:
    """Return the regions that an account has switched on; None where AWS does not say."""
    answer = ask(Call.of(home, "ec2:DescribeRegions", {"AllRegions": False}))
    return None if answer.failure else sorted(str(one["RegionName"]) for one in answer.document.get("Regions", ()))


def profiles(names: Sequence[str]) -> list[Session]:
    """Return a session of each profile of the AWS configuration; InputError where there is none of that name."""
    try:
        import boto3  # noqa: PLC0415 - only who reads AWS has it
        from botocore.exceptions import ProfileNotFound  # noqa: PLC0415 - as above
    except ImportError as error:
        feature = "reading AWS"
        raise MissingExtra(feature, "cloud") from error
    try:
        return [boto3.Session(profile_name=name or None) for name in names or [""]]
    except ProfileNotFound as error:
        message = f"{error}: `aws configure list-profiles` says which there are"
        raise InputError(message) from error


def sessions_of(names: Sequence[str], through: Through, connection: Connection) -> tuple[list[Session], list[Gap]]:
    """Return a session for each account that is to be read: of profiles, of roles that one of them takes on; and which are not read.

    With roles, the account of the profile itself is not read; with an organization it is, by its own rights. UsageError for several
    profiles, of which it is not clear who takes on the roles, and for what names no role. InputError where the accounts of the
    organization cannot be listed.
    """
    own = profiles(names)
    if not (through.roles or through.organization):
        return own, []
    if len(own) > 1:
        message = f"--aws: {len(own)} profiles, of which one takes on the roles: name that one alone"
        raise UsageError(message)
    for role in through.roles:
        if not _ROLE_ARN.fullmatch(role):
            message = f"--role {role}: is no ARN of a role, like arn:aws:iam::111122223333:role/audit"
            raise UsageError(message)
    roles, gaps = (list(through.roles), list[Gap]())
    if through.organization:
        members, gaps = _members(own[0], through.organization, connection)
        roles += members
    taken = assumed(own[0], dict.fromkeys(roles), connection=connection, external_id=through.external_id)
    return [*(own if through.organization else ()), *taken], gaps


def _members(session: Session, role: str, connection: Connection) -> tuple[list[str], list[Gap]]:
    """Return the ARN of a role in each other account of an organization; a gap for each account that is closed."""
    if not _ROLE_NAME.fullmatch(role):
        message = f"--organization {role}: is no name of a role, like OrganizationAccountAccessRole"
        raise UsageError(message)
    caller = Caller(session, connection)
    try:
        home = identity(caller, getattr(session, "region_name", None) or "us-east-1")
        answer = caller(Call.of(home, CALLS[0]))
    finally:
        caller.release()
    if answer.failure:
        message = (
            f"--organization: AWS does not list the accounts ({_told(answer.failure)}): name a profile of the management account,"
            " or of one to which it delegated a service"
        )
        raise InputError(message)
    others = [one for one in answer.document.get("Accounts", ()) if str(one["Id"]) != home.account]
    open_ = [str(one["Id"]) for one in others if one.get("Status") == "ACTIVE"]
    return [f"arn:{home.partition}:iam::{name}:role/{role}" for name in open_], list(_closed(others))


def _closed(accounts: Sequence[Any]) -> Iterator[Gap]:
    for one in accounts:
        if one.get("Status") != "ACTIVE":
            detail = f"the account {one['Id']} is {one.get('Status', 'in no state that is told')} and was not read"
            yield Gap(provider="aws", call=CALLS[0], reason="not-in-origin", detail=detail, account=str(one["Id"]))


@dataclass(frozen=True, slots=True)
class Role:
    """Makes clients with the rights of a role, by ``arn``, asked for anew before they end."""

    arn: str
    session: Any

    def client(self, service_name: str, **settings: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of a service."""
        return self.session.create_client(service_name, **settings)

    def refused(self, failure: Failure) -> Gap:
        """Return the gap that it leaves where it cannot be taken on: nothing of its account is known."""
        detail = f"the role {self.arn} cannot be taken on ({_told(failure)})"
        return Gap(provider="aws", call="sts:AssumeRole", reason=failure.reason, detail=detail, account=self.arn.split(":")[4])


def assumed(session: Session, roles: Iterable[str], *, connection: Connection, external_id: str = "") -> list[Session]:
    """Return a session with the rights of each role, by ARN, that a session can take on."""
    try:
        from botocore.credentials import DeferredRefreshableCredentials  # noqa: PLC0415 - as above
        from botocore.session import Session as Raw  # noqa: PLC0415 - as above
    except ImportError as error:
        feature = "reading AWS"
        raise MissingExtra(feature, "cloud") from error
    endpoint = {"endpoint_url": connection.endpoint} if connection.endpoint else {}
    sts = session.client("sts", region_name="us-east-1", **endpoint)

    def credentials(role: str) -> Any:  # noqa: ANN401 - what botocore wants
        def fetched() -> dict[str, Any]:
            told = {"RoleArn": role, "RoleSessionName": _NAME, **({"ExternalId": external_id} if external_id else {})}
            given = sts.assume_role(**told)["Credentials"]
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }

        return DeferredRefreshableCredentials(fetched, "assume-role")

    found: list[Session] = []
    for role in roles:
        raw = Raw()
        raw._credentials = credentials(role)  # noqa: SLF001 - botocore has no other door for credentials that refresh themselves
        found.append(Role(role, raw))
    return found
