"""Say which accounts are read and with whose rights: that of a session, and those whose roles it can take on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bartizan.collect.inventory.live.aws.caller import Connection, Session
    from bartizan.collect.inventory.live.aws.calls import Ask

__all__ = ["HOMES", "assumed", "identity", "profiles", "regions_of"]

HOMES: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""Where the global services of a partition are asked."""
_NAME: Final = "bartizan"


def identity(ask: Ask, region: str) -> Place:
    """Return the account and partition whose rights are used, and where its global services are; InputError where it cannot be told."""
    answer = ask(Call.of(Place("", region), "sts:GetCallerIdentity"))
    if answer.failure:
        told = ": ".join(filter(None, (answer.failure.code, answer.failure.message)))
        message = f"AWS does not say whose rights these are ({told}): name a profile that has credentials"
        raise InputError(message)
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


@dataclass(frozen=True, slots=True)
class _Role:
    """Makes clients with the rights of a role, asked for anew before they end."""

    session: Any

    def client(self, service_name: str, **settings: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of a service."""
        return self.session.create_client(service_name, **settings)


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
        found.append(_Role(raw))
    return found
