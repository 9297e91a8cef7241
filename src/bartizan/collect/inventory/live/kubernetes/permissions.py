"""Say what reading a cluster needs: a role with nothing but list."""

from __future__ import annotations

from collections import defaultdict

from bartizan.collect.inventory.live.kubernetes.collector import paths

__all__ = ["cluster_role"]


def cluster_role(name: str = "bartizan-review", *, kubelets: bool = False) -> str:
    """Return the cluster role, as a manifest, that allows to read all kinds; with ``kubelets`` also to ask each how it is set up."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for path in paths().values():
        parts = path.split("/")
        groups["" if parts[0] == "api" else parts[1]].append(parts[-1])
    lines = ["apiVersion: rbac.authorization.k8s.io/v1", "kind: ClusterRole", "metadata:", f"  name: {name}", "rules:"]
    for group, resources in sorted(groups.items()):
        lines += [f'  - apiGroups: ["{group}"]', f"    resources: [{', '.join(sorted(resources))}]", "    verbs: [list]"]
    if kubelets:
        lines += [
            '  - apiGroups: [""]',
            "    resources: [nodes/proxy]  # also runs commands in pods: leave it out unless you need it",
            "    verbs: [get]",
        ]
    return "\n".join(lines) + "\n"
