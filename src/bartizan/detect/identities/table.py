"""Say which attributes of a record tie two identities together: one row for each kind of fact, whatever the source."""

from __future__ import annotations

from typing import Final

from bartizan.detect.identities.contract import NEVER, IdentityKind, Scope, Side, Tie

__all__ = ["TIES"]

_LOGON: Final = 3002
_DHCP: Final = 4004
_TUNNEL: Final = 4014
_NETWORK: Final = 4001
_PROCESS: Final = 1007
_LOGOFF: Final = frozenset({(_LOGON, 2), (_TUNNEL, 2)})
_EXIT: Final = frozenset({(_PROCESS, 2)})
_RELEASE: Final = frozenset({(_DHCP, 7)})

_ACCOUNTS: Final = ("actor.user", "user", "process.user", "actor.process.user", "user_result")
_PROCESSES: Final = ("process", "actor.process", "process.parent_process")
_MACHINES: Final = ("device", "src_endpoint")
_ENDPOINTS: Final = ("device", "src_endpoint", "dst_endpoint")
_SESSIONS: Final = (
    ("session-login", "session.uid", "user"),
    ("session-actor", "actor.session.uid", "actor.user"),
    ("session-process", "process.session.uid", "process.user"),
)

_USER: Final = Side(IdentityKind.USER, (".name", ".domain"))
_SID: Final = Side(IdentityKind.SID, (".uid",))
_ARN: Final = Side(IdentityKind.ARN, (".uid",))
_UID: Final = Side(IdentityKind.UID, (".uid",))
_EMAIL: Final = Side(IdentityKind.EMAIL, (".email_addr",))
_IP: Final = Side(IdentityKind.IP, (".ip",))
_MAC: Final = Side(IdentityKind.MAC, (".mac",))
_HOST: Final = Side(IdentityKind.HOST, (".hostname",))
_KEY: Final = Side(IdentityKind.ACCESS_KEY, ("actor.session.credential_uid",))
_GUID: Final = Side(IdentityKind.PROCESS, (".uid",))
_PID: Final = Side(IdentityKind.PID, (".pid",))


def _absolute(side: Side, place: str) -> Side:
    return Side(side.kind, tuple(place + path for path in side.paths))


def _session(rule: str, session: str, account: str, side: Side, *, classes: frozenset[int] = frozenset()) -> Tie:
    """Tie a session to whose it is; its number is given again after it ended."""
    return Tie(
        rule=f"{rule}-{side.kind.value}",
        left=Side(IdentityKind.SESSION, (session,)),
        right=_absolute(side, account),
        scope=Scope.PLACE,
        classes=classes,
        passes_on="session-reuse",
        closed_by=_LOGOFF,
        closed="logoff",
    )


TIES: Final[tuple[Tie, ...]] = (
    # Machines.
    Tie(rule="host-address", left=_IP, right=_HOST, scope=Scope.TENANT, places=_MACHINES, passes_on="next-holder"),
    *(
        Tie(
            rule=f"{word}-address-{side.kind.value}",
            left=Side(IdentityKind.IP, (f"{end}.ip",)),
            right=_absolute(side, "device"),
            scope=Scope.TENANT,
            classes=frozenset({_NETWORK}),
            asks=(("connection_info.direction_id", frozenset({direction})), ("actor.process.pid", frozenset())),
            passes_on="next-holder",
        )
        for word, end, direction in (("outbound", "src_endpoint", 2), ("inbound", "dst_endpoint", 1))
        for side in (_HOST, Side(IdentityKind.AGENT, (".uid",)))
    ),
    Tie(rule="host-mac", left=_MAC, right=_HOST, scope=Scope.TENANT, places=_MACHINES),
    Tie(rule="host-agent", left=Side(IdentityKind.AGENT, (".uid",)), right=_HOST, scope=Scope.TENANT, places=_MACHINES),
    Tie(
        rule="agent-address",
        left=_IP,
        right=Side(IdentityKind.AGENT, (".uid",)),
        scope=Scope.TENANT,
        places=("device",),
        passes_on="next-holder",
    ),
    Tie(rule="address-mac", left=_IP, right=_MAC, scope=Scope.REALM, places=_ENDPOINTS),
    Tie(
        rule="dhcp-lease",
        left=Side(IdentityKind.IP, ("src_endpoint.ip",)),
        right=Side(IdentityKind.MAC, ("src_endpoint.mac",)),
        scope=Scope.REALM,
        classes=frozenset({_DHCP}),
        passes_on="next-lease",
        closed_by=_RELEASE,
        closed="release",
        lasts="lease_dur",
    ),
    Tie(
        rule="dhcp-lease-host",
        left=Side(IdentityKind.IP, ("src_endpoint.ip",)),
        right=Side(IdentityKind.HOST, ("src_endpoint.hostname",)),
        scope=Scope.REALM,
        classes=frozenset({_DHCP}),
        passes_on="next-lease",
        closed_by=_RELEASE,
        closed="release",
        lasts="lease_dur",
    ),
    Tie(
        rule="instance-address",
        left=_IP,
        right=Side(IdentityKind.INSTANCE, (".instance_uid",)),
        scope=Scope.TENANT,
        places=_ENDPOINTS,
        passes_on="next-holder",
    ),
    Tie(
        rule="interface-machine",
        left=Side(IdentityKind.INTERFACE, (".interface_uid",)),
        right=Side(IdentityKind.AGENT, (".uid",)),
        scope=Scope.TENANT,
        places=("device",),
        passes_on="next-holder",
    ),
    Tie(
        rule="tunnel-address",
        left=Side(IdentityKind.IP, ("tunnel_interface.ip",)),
        right=Side(IdentityKind.USER, ("actor.user.name", "actor.user.domain")),
        scope=Scope.PLACE,
        classes=frozenset({_TUNNEL}),
        passes_on="next-lease",
        closed_by=_LOGOFF,
        closed="logoff",
    ),
    Tie(
        rule="address-user", left=_IP, right=Side(IdentityKind.USER, (".owner.name", ".owner.domain")), scope=Scope.PLACE, places=_ENDPOINTS
    ),
    # Accounts.
    Tie(rule="user-sid", left=_SID, right=_USER, scope=Scope.EVERYWHERE, places=_ACCOUNTS, ends=NEVER),
    Tie(rule="user-arn", left=_ARN, right=_USER, scope=Scope.EVERYWHERE, places=_ACCOUNTS, ends=NEVER),
    Tie(rule="user-uid", left=_UID, right=_USER, scope=Scope.REALM, places=_ACCOUNTS),
    Tie(rule="user-email", left=_EMAIL, right=_USER, scope=Scope.REALM, places=_ACCOUNTS),
    Tie(rule="uid-email", left=_EMAIL, right=_UID, scope=Scope.REALM, places=_ACCOUNTS),
    Tie(rule="key-arn", left=_KEY, right=Side(IdentityKind.ARN, ("actor.user.uid",)), scope=Scope.EVERYWHERE, ends=NEVER),
    Tie(rule="key-user", left=_KEY, right=Side(IdentityKind.USER, ("actor.user.name", "actor.user.domain")), scope=Scope.REALM, ends=NEVER),
    Tie(
        rule="assumed-role",
        left=Side(IdentityKind.ARN, ("actor.user.uid",)),
        right=Side(IdentityKind.ARN, ("actor.session.issuer",)),
        scope=Scope.EVERYWHERE,
        ends=NEVER,
    ),
    # Sessions.
    *(_session(*place, side) for place in _SESSIONS for side in (_USER, _SID, _ARN, _UID)),
    _session("session-tunnel", "session.uid", "actor.user", _USER, classes=frozenset({_TUNNEL})),
    Tie(
        rule="session-address",
        left=Side(IdentityKind.SESSION, ("session.uid",)),
        right=Side(IdentityKind.IP, ("src_endpoint.ip",)),
        scope=Scope.PLACE,
        closed_by=_LOGOFF,
        closed="logoff",
    ),
    # Processes and what they run.
    Tie(
        rule="process-pid",
        left=_PID,
        right=_GUID,
        scope=Scope.HOST,
        places=_PROCESSES,
        passes_on="pid-reuse",
        closed_by=_EXIT,
        closed="exit",
    ),
    Tie(
        rule="process-start",
        left=Side(IdentityKind.START, (".pid", ".created_time")),
        right=_GUID,
        scope=Scope.HOST,
        places=_PROCESSES,
        ends=NEVER,
    ),
    Tie(
        rule="process-image",
        left=Side(IdentityKind.PID, ("process.pid",)),
        right=Side(IdentityKind.FILE, ("process.file.path",)),
        scope=Scope.HOST,
        classes=frozenset({_PROCESS}),
        asks=(("activity_id", frozenset({1, 2})),),
        passes_on="pid-reuse",
        closed_by=_EXIT,
        closed="exit",
    ),
    Tie(
        rule="process-user",
        left=_GUID,
        right=Side(IdentityKind.USER, (".user.name", ".user.domain")),
        scope=Scope.HOST,
        places=("process", "actor.process"),
        ends=NEVER,
    ),
    Tie(
        rule="process-sid",
        left=_GUID,
        right=Side(IdentityKind.SID, (".user.uid",)),
        scope=Scope.HOST,
        places=("process", "actor.process"),
        ends=NEVER,
    ),
    Tie(
        rule="process-session",
        left=_GUID,
        right=Side(IdentityKind.SESSION, (".session.uid",)),
        scope=Scope.HOST,
        places=("process",),
        ends=NEVER,
    ),
    Tie(
        rule="process-hash",
        left=Side(IdentityKind.HASH, (".file.hashes",)),
        right=_GUID,
        scope=Scope.HOST,
        places=("process", "actor.process"),
        ends=NEVER,
    ),
    Tie(
        rule="file-hash",
        left=Side(IdentityKind.HASH, (".hashes",)),
        right=Side(IdentityKind.FILE, (".path",)),
        scope=Scope.HOST,
        places=("file", "process.file", "actor.process.file", "module.file", "driver.file"),
    ),
)
"""The table. ``left`` is the side that can pass from one holder to another."""
