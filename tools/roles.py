"""Write the roles that Azure and Google Cloud define anew from a checkout of iann0036/iam-dataset (MIT): `tools/roles.py FOLDER DAY`.

The roles are those that are there already. Azure's are taken as they are. Google Cloud's stay patterns, which `not_actions` and further
`actions` make exact for every permission that the data set knows.
"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parents[1] / "src" / "bartizan" / "collect" / "inventory" / "roles"
FIELDS = ("actions", "not_actions", "data_actions", "not_data_actions", "unsure", "never")
AZURE = {"actions": "actions", "not_actions": "notActions", "data_actions": "dataActions", "not_data_actions": "notDataActions"}
HEADS = {
    "azure": "# Roles that Azure defines for everyone, as the data set iann0036/iam-dataset holds them (MIT, {day});\n"
    "# definitions that an export holds go before these.\n",
    "gcp": "# Roles that Google Cloud defines for everyone: patterns, made exact for every permission that the data set iann0036/iam-dataset\n"
    "# knows (MIT, {day}); definitions that an export holds go before these. `unsure`: what a role may allow that is in no table; `never`:\n"
    "# what it surely does not allow of that.\n",
}


def azure(folder: Path, held: dict[str, Any]) -> dict[str, Any]:
    """Return the roles of Azure as the data set has them."""
    known = {one["name"]: one for one in json.loads((folder / "azure" / "built-in-roles-raw.json").read_text())}
    return {
        key: {
            "name": known[key]["roleName"],
            **{ours: [x for one in known[key]["permissions"] for x in one.get(theirs) or ()] for ours, theirs in AZURE.items()},
        }
        for key in held
    }


def gcp(folder: Path, held: dict[str, Any]) -> dict[str, Any]:
    """Return the roles of Google Cloud, exact for all permissions of the data set."""
    files = (folder / "gcp" / "roles").glob("*.json")
    known = {f"roles/{file.stem}": set(json.loads(file.read_text()).get("includedPermissions", ())) for file in files}
    universe = set().union(*known.values())
    return {key: exact(role, known[key], universe) if key in known else role for key, role in held.items()}


def exact(role: dict[str, Any], true: set[str], universe: set[str]) -> dict[str, Any]:
    """Leave out what a role's patterns say too much, and add what they lack and is not unsure."""
    of = {name: [one for one in universe if any(fnmatchcase(one, pattern) for pattern in role.get(name, ()))] for name in FIELDS}
    allowed = set(of["actions"]) - set(of["not_actions"])
    unsure = set(of["unsure"]) - set(of["never"])
    role["not_actions"] = [*role.get("not_actions", ()), *sorted(allowed - true)]
    role["actions"] = [*role.get("actions", ()), *sorted(true - allowed - unsure)]
    return role


def main(folder: str, day: str) -> None:
    """Write both files."""
    for provider, made in (("azure", azure), ("gcp", gcp)):
        path = HERE / f"{provider}.yml"
        text = [HEADS[provider].format(day=day), f"compiled: {day}\nroles:\n"]
        for key, role in made(Path(folder), yaml.safe_load(path.read_text())["roles"]).items():
            text.append(f"  {key}:\n    name: {json.dumps(role['name'])}\n")
            for name in FIELDS:
                text += [f"    {name}:\n" if role.get(name) else "", *(f"      - {json.dumps(one)}\n" for one in role.get(name, ()))]
        path.write_text("".join(text))


if __name__ == "__main__":
    main(*sys.argv[1:])
