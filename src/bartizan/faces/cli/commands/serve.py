"""Take logs as senders send them, and tell what happens while it happens.

Senders speak the protocols that they speak already: Splunk HEC, Elasticsearch _bulk, OTLP over HTTP, NDJSON, syslog.
What is acknowledged is on disk; the rules are those of the hunt; findings are kept in DIR and printed, one OCSF Detection Finding per line.
SIGTERM ends it without losing anything, SIGHUP loads the rules anew.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bartizan.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from bartizan.collect.receivers.gate import Sender
    from bartizan.detect.watch.contract import Alert
    from bartizan.faces.server.served import Served

HELP: Final = "take logs from senders and tell what happens while it happens"
EXAMPLES: Final = (
    "bartizan serve --state /var/lib/bartizan",
    "bartizan serve --state watch --rules sigma/rules --rules starter --listen 0.0.0.0:8088 --token web-01=@/etc/bartizan/web-01.token",
    "curl --data-binary @auth.log http://127.0.0.1:8088/v1/records",
)
JUDGES: Final = 8
LEVELS: Final = ("informational", "low", "medium", "high", "critical")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    from bartizan.faces.cli.workers import count

    parser.add_argument("--config", type=Path, metavar="FILE", help="take every setting from this file (see `bartizan config schema`)")
    parser.add_argument("--state", type=Path, metavar="DIR", help="the folder of this watch: journal, findings, what it knows")
    parser.add_argument(
        "--database", default="", metavar="ADDRESS", help="postgresql://USER@HOST/NAME, for several servers; a file in DIR if not given"
    )
    parser.add_argument("--listen", default="127.0.0.1:8088", metavar="HOST:PORT", help="where to listen (default 127.0.0.1:8088)")
    parser.add_argument(
        "--token",
        action="append",
        default=[],
        metavar="NAME=@FILE",
        help="let NAME send with the token in this file; repeatable; without any only this machine may send",
    )
    parser.add_argument(
        "--syslog",
        action="append",
        default=[],
        metavar="HOW:HOST:PORT",
        help="listen for syslog: udp:0.0.0.0:514, tcp:0.0.0.0:601 or tls:0.0.0.0:6514; repeatable; syslog knows no tokens",
    )
    parser.add_argument(
        "--follow", action="append", default=[], metavar="GLOB", help="follow these files as they grow and are rotated; repeatable"
    )
    parser.add_argument("--lake", type=Path, metavar="DIR", help="put every record and finding into this lake (see `bartizan lake`)")
    parser.add_argument(
        "--backfill", metavar="TIME", help="judge the lake from this time on (30d, 2026-11-23) by the rules as they are now, once"
    )
    parser.add_argument("--tls", nargs=2, type=Path, metavar=("CERT", "KEY"), help="speak TLS with this certificate and key (PEM)")
    parser.add_argument("--rules", action="append", default=[], metavar="PACK", help="Sigma rules, as for hunt; repeatable")
    parser.add_argument("--level", choices=LEVELS, default=LEVELS[0], help="run rules of this level and above")
    parser.add_argument("--lateness", type=float, default=30.0, metavar="SECONDS", help="how long correlations wait for late records")
    parser.add_argument(
        "--judges", type=count, metavar="N", help="processes that judge at most, when much comes (default: one per processor)"
    )
    parser.add_argument(
        "--log", choices=("auto", "text", "json"), default="auto", help="how the log is written: as text on a terminal, else as JSON"
    )
    parser.add_argument("--quiet", action="store_true", help="print no findings")


def run(arguments: argparse.Namespace) -> int:
    """Serve."""
    from bartizan.faces.server.log import Log
    from bartizan.faces.server.running import serve

    served = _served(arguments) if arguments.config is None else _configured(arguments.config, quiet=arguments.quiet)
    log = Log(sys.stderr, machine=arguments.log == "json" or (arguments.log == "auto" and not sys.stderr.isatty()))
    log.hide(served.secrets)
    served = replace(served, log=log)
    return serve(served if arguments.backfill is None else replace(served, backfill=_since(arguments.backfill, served)))


def _served(arguments: argparse.Namespace) -> Served:
    from bartizan import workbench
    from bartizan.faces.server.assembling import address, context, syslog_port
    from bartizan.faces.server.served import Served

    if arguments.state is None:
        message = "name the folder of the watch with --state DIR, or a file of settings with --config FILE"
        raise UsageError(message)
    host, port = address(arguments.listen, "--listen")
    senders = [_sender(word) for word in arguments.token]
    return Served(
        root=arguments.state,
        database=arguments.database,
        request=workbench.watch_request(arguments.rules, arguments.state, workbench.Asked(level=arguments.level)),
        lateness=int(arguments.lateness * 1_000_000_000),
        judges=arguments.judges or _most_judges(),
        host=host,
        port=port,
        files=arguments.follow,
        lake=arguments.lake,
        tls=None if arguments.tls is None else context(*arguments.tls),
        syslog=[syslog_port(word, "--syslog") for word in arguments.syslog],
        senders=senders,
        told=None if arguments.quiet else _print,
        secrets=[sender.token for sender in senders],
    )


def _configured(path: Path, *, quiet: bool) -> Served:
    from bartizan import workbench
    from bartizan.errors import InputError
    from bartizan.faces.server.assembling import address, channels, context, places_of, secrets_in, senders, syslog_port
    from bartizan.faces.server.fetching import pulls
    from bartizan.faces.server.served import Served
    from bartizan.faces.server.settings import read_settings

    settings = read_settings(path)
    said = {name: setting.value for name, setting in settings.items()}
    if (said["certificate"] is None) != (said["key"] is None):
        message = f"{path}: certificate and key belong together: name both or neither"
        raise InputError(message)
    host, port = address(said["listen"], settings["listen"].origin)
    return Served(
        root=said["state"],
        database=places_of(settings).database,
        request=workbench.watch_request(said["rules"], said["state"], workbench.Asked(level=said["level"])),
        lateness=said["lateness"] * 1_000_000_000,
        judges=said["judges"] or _most_judges(),
        host=host,
        port=port,
        files=said["files"],
        lake=said["lake"],
        tls=None if said["key"] is None else context(said["certificate"], said["key"]),
        syslog=[syslog_port(word, settings["syslog"].origin) for word in said["syslog"]],
        senders=senders(settings),
        channels=channels(settings),
        pulls=pulls(settings),
        keep_days=said["keep-days"],
        traces=said["traces"],
        told=None if quiet else _print,
        secrets=secrets_in(settings),
        reread=lambda: _configured(path, quiet=quiet),
    )


def _most_judges() -> int:
    """Return one per processor, but no more than the one that hands out and takes in can keep busy."""
    from bartizan.workbench import default_workers

    return min(default_workers(), JUDGES)


def _since(text: str, served: Served) -> int:
    from bartizan.faces.cli.times import moment

    if served.lake is None:
        message = "--backfill: there is no lake to look back through: name one with --lake, or as `lake` in the settings"
        raise UsageError(message)
    return moment(text, time.time_ns(), UTC)


def _sender(word: str) -> Sender:
    from bartizan.collect.receivers.gate import Sender
    from bartizan.faces.server.assembling import secret_in

    name, _, told = word.partition("=@")
    if not name or not told or "=" in name:
        message = "--token: write NAME=@FILE: a token on a command line can be read by everybody on the machine"
        raise UsageError(message)
    return Sender(name=name, token=secret_in(Path(told), f"--token {name}"))


def _print(alerts: Sequence[Alert]) -> None:
    for alert in alerts:
        sys.stdout.buffer.write(alert.line + b"\n")
    sys.stdout.buffer.flush()
