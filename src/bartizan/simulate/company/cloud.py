"""The company's AWS account: who calls what, as CloudTrail tells it."""

from __future__ import annotations

import hashlib
import json
from base64 import b32encode
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from bartizan.simulate.company.journal import Journal

__all__ = ["ACCOUNT", "Call", "Cloud", "Principal", "access_key"]

ACCOUNT = "111122223333"
"""The account number that AWS's own documentation uses."""

_REGION = "eu-central-1"
_GLOBAL = frozenset({"iam", "organizations", "signin"})
"""Services whose calls are recorded in us-east-1 wherever they come from."""
_READS = ("Get", "List", "Describe", "Head", "Lookup", "Search", "Generate", "Batch", "Query", "Scan", "Simulate", "Decode")


def access_key(owner: str, number: int = 1, *, temporary: bool = False) -> str:
    """Return the id of an access key: made up, the same for the same owner and number."""
    digest = hashlib.sha256(f"{owner}/{number}".encode()).digest()
    return ("ASIA" if temporary else "AKIA") + b32encode(digest)[:16].decode()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: an IAM user with an access key, or a role that somebody assumed under a session name."""

    name: str
    key: str
    address: str
    agent: str
    session: str = ""
    mfa: bool = False

    def identity(self, moment: str) -> dict[str, object]:
        """Return the ``userIdentity`` of a record."""
        number = f"{sum(self.name.encode()) * 7919:X}".rjust(8, "Q")
        if not self.session:
            user = {"type": "IAMUser", "principalId": f"AIDAEXAMPLE{number}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{self.name}"}
            return {**user, "accountId": ACCOUNT, "accessKeyId": self.key, "userName": self.name}
        role = {"type": "Role", "principalId": f"AROAEXAMPLE{number}", "arn": f"arn:aws:iam::{ACCOUNT}:role/{self.name}"}
        issuer = {**role, "accountId": ACCOUNT, "userName": self.name}
        attributes = {"creationDate": moment, "mfaAuthenticated": "true" if self.mfa else "false"}
        return {
            "type": "AssumedRole",
            "principalId": f"AROAEXAMPLE{number}:{self.session}",
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{self.name}/{self.session}",
            "accountId": ACCOUNT,
            "accessKeyId": self.key,
            "sessionContext": {"sessionIssuer": issuer, "webIdFederationData": {}, "attributes": attributes},
        }


@dataclass(frozen=True, slots=True)
class Call:
    """One call: ``iam:ListUsers`` with its parameters and its answer; ``error`` is the code of a refusal."""

    action: str
    parameters: Mapping[str, object] | None = None
    answer: Mapping[str, object] | None = None
    error: str = ""
    region: str = _REGION


@dataclass(slots=True, eq=False)
class Cloud:
    """The account's trail."""

    journal: Journal
    rng: Random
    principals: dict[str, Principal] = field(default_factory=dict)

    def call(self, moment: float, principal: Principal, call: Call) -> None:
        """Note a call; what stands in it is rendered by the writer, the time apart."""
        service, _, name = call.action.partition(":")
        source = f"{service}.amazonaws.com"
        region = "us-east-1" if service in _GLOBAL else call.region
        event: dict[str, object] = {"eventSource": source, "eventName": name, "awsRegion": region}
        event |= {"sourceIPAddress": principal.address, "userAgent": principal.agent}
        if call.error:
            event |= {"errorCode": call.error, "errorMessage": f"User: {principal.name} is not authorized to perform: {call.action}"}
        event |= {"requestParameters": call.parameters, "responseElements": call.answer}
        self._note(moment, principal.identity("@DAY@"), event, replace(call, region=region))

    def sign_in(self, moment: float, user: str, address: str, *, mfa: bool = True, success: bool = True) -> None:
        """Note a sign-in to the console."""
        identity = {"type": "IAMUser", "principalId": f"AIDAEXAMPLE{sum(user.encode()):08d}", "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}"}
        agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36"
        event: dict[str, object] = {"eventSource": "signin.amazonaws.com", "eventName": "ConsoleLogin", "awsRegion": "us-east-1"}
        event |= {"sourceIPAddress": address, "userAgent": agent}
        event |= {} if success else {"errorMessage": "Failed authentication"}
        event |= {"requestParameters": None, "responseElements": {"ConsoleLogin": "Success" if success else "Failure"}}
        event |= {"additionalEventData": {"MobileVersion": "No", "MFAUsed": "Yes" if mfa else "No"}}
        self._note(moment, {**identity, "accountId": ACCOUNT, "userName": user}, event, Call("signin:ConsoleLogin", region="us-east-1"))

    def _note(self, moment: float, identity: Mapping[str, object], event: Mapping[str, object], call: Call) -> None:
        name = call.action.partition(":")[2]
        uid = f"{self.rng.getrandbits(128):032x}"
        ids = [f"{part[:8]}-{part[8:12]}-4{part[13:16]}-a{part[17:20]}-{part[20:]}" for part in (uid, uid[::-1])]
        kind = "AwsConsoleSignIn" if name == "ConsoleLogin" else "AwsApiCall"
        tail = {
            "requestID": ids[0],
            "eventID": ids[1],
            "readOnly": name.startswith(_READS),
            "eventType": kind,
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }
        if kind == "AwsApiCall":
            service = call.action.partition(":")[0]
            host = f"{service}.amazonaws.com" if service in _GLOBAL else f"{service}.{call.region}.amazonaws.com"
            tail["tlsDetails"] = {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": host}
        who = json.dumps(identity, separators=(",", ":"))
        body = json.dumps({**event, **tail}, separators=(",", ":"))[1:]
        self.journal.add("cloudtrail", moment, call.region, "", (who, body))
