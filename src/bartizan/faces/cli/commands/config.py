"""Check and show the settings of `bartizan serve`.

FILE is YAML; every mistake is told with its line. `show --origin` says where each value comes from; `schema` prints the JSON
Schema of the file, for editors. Secrets stand in files of their own and are never shown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import argparse

HELP: Final = "check and show the settings of the server"
EXAMPLES: Final = ("bartizan config check watch.yml", "bartizan config show watch.yml --origin", "bartizan config schema")


def options(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    check = actions.add_parser("check", help="say whether a file of settings can be served")
    check.add_argument("file", type=Path, metavar="FILE")
    show = actions.add_parser("show", help="show every setting, those that are not in the file too")
    show.add_argument("file", type=Path, metavar="FILE")
    show.add_argument("--origin", action="store_true", help="show where each value comes from")
    actions.add_parser("schema", help="print the JSON Schema of the file")


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked."""
    from bartizan.faces.server.settings import read_settings, schema, shown

    if arguments.action == "schema":
        print(json.dumps(schema(), indent=2))
        return 0
    settings = read_settings(arguments.file)
    if arguments.action == "show":
        for name, value, origin in shown(settings):
            print(f"{name}: {value}" + (f"  # {origin}" if arguments.origin else ""))
        return 0
    from bartizan.faces.server.assembling import address, channels, context, places_of, senders, syslog_port
    from bartizan.faces.server.fetching import pulls

    places_of(settings)
    address(settings["listen"].value, settings["listen"].origin)
    for word in settings["syslog"].value:
        syslog_port(word, settings["syslog"].origin)
    if settings["key"].value is not None and settings["certificate"].value is not None:
        context(settings["certificate"].value, settings["key"].value)
    told = f"{len(senders(settings))} senders, {len(pulls(settings))} places to fetch from, {len(channels(settings))} channels"
    print(f"{arguments.file}: can be served: {told}")
    return 0
