"""Pack what Azure and Google Cloud define for everyone from a clone of iann0036/iam-dataset (MIT): `tools/roles.py CLONE`.

All roles of both, each permission that a role of Google Cloud has, and each operation of Azure with its plane: those that roles name to
the letter, those of the newest `azure/map.json` in the history of the clone that it holds (large files may be missing from a clone), and
what both lack of `azure_documented.yml`.
The same clone gives the same bytes. The format is told in `src/bartizan/collect/inventory/roles/packed.py`.
"""  # noqa: INP001 - a script

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from bartizan.collect.inventory.roles.packed import spans_of

HERE = Path(__file__).resolve().parents[1] / "src" / "bartizan" / "collect" / "inventory" / "roles"
SOURCE = "iann0036/iam-dataset (MIT)"
PLANES = (("actions", "notActions"), ("dataActions", "notDataActions"))


def git(clone: str, *words: str) -> str:
    """Return what git says."""
    return subprocess.run(["git", "--git-dir", clone, *words], check=True, capture_output=True, text=True).stdout


def azure(clone: str) -> dict[str, Any]:
    """Return the roles of Azure, their patterns interned, and the operations of each plane."""
    told = sorted(json.loads(git(clone, "show", "HEAD:azure/built-in-roles-raw.json")), key=lambda one: one["name"])
    parts = [part for one in told for part in one["permissions"]]
    patterns = sorted({text for part in parts for plane in PLANES for name in plane for text in part.get(name) or ()})
    places = {text: at for at, text in enumerate(patterns)}
    named = {
        plane[0]: {text.lower() for part in parts for name in plane for text in part.get(name) or () if "*" not in text} for plane in PLANES
    }
    listed, day = operations(clone)
    documented = yaml.safe_load((HERE / "azure_documented.yml").read_text())
    every = {
        plane: named[plane] | listed[at] | {text.lower() for text in documented[plane]}
        for at, plane in enumerate(("actions", "dataActions"))
    }
    roles = {
        one["name"]: [
            one["roleName"],
            [
                [
                    at,
                    *(spans_of(places[text] for text in part.get(name) or ()) for name in plane),
                    *([part["condition"]] if part.get("condition") else []),
                ]
                for part in one["permissions"]
                for at, plane in enumerate(PLANES)
                if part.get(plane[0])
            ],
        ]
        for one in told
    }
    return {
        "operations": {**{plane: sorted(names) for plane, names in every.items()}, "date": day},
        "patterns": patterns,
        "roles": roles,
    }


def operations(clone: str) -> tuple[tuple[set[str], set[str]], str]:
    """Return the operations of the newest map of calls that the clone holds, those on data apart, and its day."""
    for commit in git(clone, "log", "--format=%H", "--", "azure/map.json").split():
        try:
            held = json.loads(git(clone, "show", f"{commit}:azure/map.json"))
        except subprocess.CalledProcessError:
            continue
        every = list(chain.from_iterable(named.items() for calls in held.values() for named in calls.values()))
        data = {name.lower() for name, told in every if told.get("isDataAction")}
        control = {name.lower() for name, told in every if not told.get("isDataAction")}
        return (control, data), git(clone, "log", "-1", "--format=%cs", commit).strip()
    message = f"{clone}: no version of azure/map.json is there; fetch its history"
    raise SystemExit(message)


def gcp(clone: str) -> dict[str, Any]:
    """Return the roles of Google Cloud over all permissions that any of them has."""
    files = git(clone, "ls-tree", "--name-only", "HEAD", "gcp/roles/").split()
    told = sorted((json.loads(git(clone, "show", f"HEAD:{file}")) for file in files), key=lambda one: str(one["name"]))
    permissions = sorted({text for one in told for text in one.get("includedPermissions", ())})
    places = {text: at for at, text in enumerate(permissions)}
    roles = {
        one["name"]: [one.get("title") or one["name"], spans_of(places[text] for text in one.get("includedPermissions", ()))]
        for one in told
    }
    return {"permissions": permissions, "roles": roles}


def main(clone: str) -> None:
    """Write both files."""
    day = git(clone, "log", "-1", "--format=%cs").strip()
    for provider, made in (("azure", azure), ("gcp", gcp)):
        packed = {"source": SOURCE, "date": day, **made(clone)}
        (HERE / f"{provider}.json.gz").write_bytes(gzip.compress(json.dumps(packed, separators=(",", ":")).encode(), 9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
