"""Know the programs of a cluster's control plane by the arguments that they are started with.

The expressions of their kinds see ``flags`` (each argument, ``true`` and whole numbers as such), ``lists`` (the parts of each at commas)
and ``owner``, the object in which they stand: a pod, mostly a static one, or a configuration of kubeadm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bartizan.collect.inventory.kubernetes.index import listed, mapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bartizan.collect.inventory.kubernetes.index import Written

__all__ = ["arguments", "programs", "secret_bodies"]

_PROGRAMS: Final = {
    "kube-apiserver": "api_server",
    "kube-controller-manager": "controller_manager",
    "kube-scheduler": "scheduler",
    "etcd": "etcd",
    "kubelet": "kubelet",
}
_OF_KUBEADM: Final = {"apiServer": "api_server", "controllerManager": "controller_manager", "scheduler": "scheduler"}
_BODIES: Final = ("Request", "RequestResponse")


def programs(one: Written) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the programs that an object starts: the kind of each, and what its expressions see."""
    if one.kind == "ClusterConfiguration" and one.manifest.group == "kubeadm.k8s.io":
        yield from _of_kubeadm(one)
    if one.kind != "Pod":
        return
    for container in listed(one.template, "spec", "containers"):
        words = [str(word) for key in ("command", "args") for word in listed(container, key)]
        # a shell may stand before it, and hyperkube has one name for all
        at = next((place for place, word in enumerate(words[:4]) if word.rpartition("/")[2] in _PROGRAMS), None)
        if at is not None:
            yield _PROGRAMS[words[at].rpartition("/")[2]], _document(arguments(words[at + 1 :]), one)


def _of_kubeadm(one: Written) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, kind in _OF_KUBEADM.items():
        told = mapped(one.value, key).get("extraArgs")
        pairs = told.items() if isinstance(told, dict) else [(mapped(each).get("name"), mapped(each).get("value")) for each in told or ()]
        if told:
            yield kind, _document({str(name): str(value) for name, value in pairs}, one)


def arguments(words: Sequence[str]) -> dict[str, str]:
    """Return ``--name=value``, ``--name value`` and ``--name`` as a mapping; of one that stands twice the last."""
    found: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], "--"], strict=True):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            found[name] = value if equals else "true" if following.startswith("-") else following
    return found


def _document(flags: Mapping[str, str], one: Written) -> dict[str, Any]:
    lists = {name: [part.strip() for part in value.split(",") if part.strip()] for name, value in flags.items()}
    return {"flags": {name: _typed(value) for name, value in flags.items()}, "lists": lists, "owner": one.value}


def _typed(value: str) -> str | int | bool:
    if value.lower() in ("true", "false"):
        return value.lower() == "true"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else value  # noqa: PLR2004 - ports and days are shorter


def secret_bodies(policy: Mapping[str, Any]) -> bool:
    """Say whether a policy of audits logs what secrets say: the first rule that is about them decides."""
    for rule in listed(policy, "rules"):
        chosen = listed(rule, "resources")
        about = not chosen or any(_about_secrets(mapped(each)) for each in chosen)
        narrowed = any(listed(rule, key) for key in ("users", "userGroups", "namespaces", "nonResourceURLs"))
        if about and mapped(rule).get("level") in _BODIES:
            return True
        if about and not narrowed and not listed(rule, "verbs"):
            return False
    return False


def _about_secrets(group: Mapping[str, Any]) -> bool:
    kinds = listed(group, "resources")
    return group.get("group") in (None, "", "*") and (not kinds or any(kind in ("secrets", "*") for kind in kinds))
