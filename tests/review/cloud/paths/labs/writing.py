"""Write labs of Terraform: a technique, in a style, perhaps with one thing that stands in its way.

A style is a file under ``styles/`` (several, parted by ``---NAME``) with places for statements in four ways of writing them
(``<<objects>>`` of HCL, ``<<json>>``, ``<<blocks>>`` of aws_iam_policy_document, ``<<tuples>>``) and for a ``<<boundary>>``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["HERE", "OBSTACLES", "STYLES", "TECHNIQUES", "Lab", "Statement", "parted", "written"]

HERE: Final = Path(__file__).parent
TECHNIQUES: Final[list[dict[str, Any]]] = yaml.safe_load((HERE / "techniques.yml").read_text())
STYLES: Final = {
    "inline": ("user", "aws_iam_user.start.name"),
    "heredoc": ("user", "aws_iam_user.start.name"),
    "document": ("user", 'aws_iam_user.start["start"].name'),
    "override": ("user", "aws_iam_user.start.name"),
    "each": ("user", "aws_iam_user.start.name"),
    "template": ("user", "aws_iam_user.start.name"),
    "module": ("user", '"start"'),
    "group": ("group", "aws_iam_user.start.name"),
    "members": ("group", "aws_iam_user.start[0].name"),
    "role": ("role", "aws_iam_user.start.name"),
    "exclusive": ("role", "aws_iam_user.start.name"),
    "listed": ("role", "aws_iam_user.start.name"),
}
"""By name: who holds the statements, and the expression that names the user who starts."""
OBSTACLES: Final = ("denied", "other-resource", "boundary", "condition", "trust", "left-out")
"""What can stand in the way: a Deny, another resource, a boundary, a condition that is never so, trust in another service, a NotAction."""
_TARGETS: Final = (
    """resource "aws_iam_role_policy_attachment" "target" {{
  role       = aws_iam_role.target.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}}
""",
    """resource "aws_iam_role_policy" "target" {{
  role   = aws_iam_role.target.id
  policy = jsonencode({{ Version = "2012-10-17", Statement = {{ Effect = "Allow", Action = "*", Resource = "*" }} }})
}}
""",
    """data "aws_iam_policy_document" "everything" {{
  statement {{
    not_actions = ["aws-portal:*"]
    resources   = ["*"]
  }}
}}
resource "aws_iam_policy" "everything" {{
  name_prefix = "everything"
  policy      = data.aws_iam_policy_document.everything.json
}}
resource "aws_iam_policy_attachment" "everything" {{
  name       = "everything"
  roles      = [aws_iam_role.target.name]
  policy_arn = aws_iam_policy.everything.arn
}}
""",
)
_ROLE: Final = """resource "aws_iam_role" "target" {{
  name               = "target"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {{ {kind} = "{trusted}" }}, Action = "sts:AssumeRole" }}]
  }})
}}
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; a resource that begins with ``=`` is an expression."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    effect: str = "Allow"
    conditions: tuple[tuple[str, str, str], ...] = field(default=())
    """Operator, key and value."""


@dataclass(frozen=True, slots=True)
class Lab:
    """Files of Terraform by name."""

    files: dict[str, str]

    def put(self, folder: Path) -> Path:
        """Write the files into a folder."""
        for name, text in self.files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        return folder


def written(technique: dict[str, Any], style: str, number: int, obstacle: str = "") -> Lab | None:
    """Write a technique in a style; None where the obstacle would not stand in its way."""
    statements = [_statement(one) for one in technique["allow"]]
    key = technique.get("key") or statements[-1].actions[-1]
    trust = technique.get("trust", "ec2.amazonaws.com")
    boundary = "null"
    more = ""
    if obstacle == "denied":
        statements.append(Statement((key,), effect="Deny"))
    elif obstacle == "left-out":
        statements.append(Statement((f"{key.partition(':')[0]}:*",), effect="Deny"))
    elif obstacle == "condition":
        never = ("StringEquals", "aws:PrincipalTag/nobody-has", "it")
        statements = [Statement(one.actions, one.resources, one.effect, (*one.conditions, never)) for one in statements]
    elif obstacle == "boundary":
        boundary = "aws_iam_policy.limit.arn"
        more = (HERE / "with" / "limit.tf").read_text()
    elif obstacle == "trust":
        if not any("iam:PassRole" in one.actions for one in statements):
            return None
        trust = "backup.amazonaws.com"
    elif obstacle == "other-resource":
        if not any(one.resources != ("*",) and key in one.actions for one in statements):
            return None
        statements = [_elsewhere(one, key) for one in statements]
    base = _target(trust, number) + "\n" + _with(technique, style) + more
    return _made(style, statements, boundary, base)


def _elsewhere(one: Statement, key: str) -> Statement:
    return Statement(one.actions, ("arn:aws:s3:::somewhere-else",), one.effect, one.conditions) if key in one.actions else one


def _statement(text: str) -> Statement:
    actions, _, on = text.partition(" on ")
    return Statement(tuple(actions.split(", ")), (on or "*",))


def _target(trust: str, number: int) -> str:
    if trust.startswith("arn:"):
        role = _ROLE.format(kind="AWS", trusted="${data.aws_caller_identity.mine.account_id}") + 'data "aws_caller_identity" "mine" {}\n'
    else:
        role = _ROLE.format(kind="Service", trusted=trust)
    return role + _TARGETS[number % len(_TARGETS)].format()


def _with(technique: dict[str, Any], style: str) -> str:
    name = technique.get("with")
    return (HERE / "with" / f"{name}.tf").read_text().replace("<<user>>", STYLES[style][1]) if name else ""


def _made(style: str, statements: list[Statement], boundary: str, more: str) -> Lab:
    text = (HERE / "styles" / f"{style}.tf").read_text()
    for name, write, join in (("objects", _object, ",\n"), ("json", _json, ",\n"), ("blocks", _block, "\n"), ("tuples", _tuple, ",\n")):
        text = text.replace(f"<<{name}>>", join.join(write(one) for one in statements))
    lab = parted(text.replace("<<boundary>>", boundary))
    return Lab({**lab.files, "with.tf": more})


def parted(text: str) -> Lab:
    """Return the files that are in one text, ``main.tf`` first."""
    parts = re.split(r"^---(\S+)\n", text, flags=re.MULTILINE)
    return Lab({"main.tf": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))})


def _expression(resource: str) -> str:
    return resource[1:] if resource.startswith("=") else json.dumps(resource)


def _listed(values: tuple[str, ...]) -> str:
    return values[0] if len(values) == 1 else f"[{', '.join(values)}]"


def _object(one: Statement) -> str:
    actions = _listed(tuple(json.dumps(action) for action in one.actions))
    resources = _listed(tuple(_expression(resource) for resource in one.resources))
    held = "".join(f', Condition = {{ {test} = {{ "{key}" = "{value}" }} }}' for test, key, value in one.conditions)
    return f'{{ Effect = "{one.effect}", Action = {actions}, Resource = {resources}{held} }}'


def _json(one: Statement) -> str:
    resources = [f"${{{resource[1:]}}}" if resource.startswith("=") else resource for resource in one.resources]
    told: dict[str, Any] = {"Effect": one.effect, "Action": list(one.actions), "Resource": resources}
    if one.conditions:
        told["Condition"] = {test: {key: [value]} for test, key, value in one.conditions}
    return json.dumps(told)


def _block(one: Statement) -> str:
    actions = ", ".join(json.dumps(action) for action in one.actions)
    resources = ", ".join(_expression(resource) for resource in one.resources)
    held = "".join(
        f'\n    condition {{\n      test     = "{test}"\n      variable = "{key}"\n      values   = ["{value}"]\n    }}'
        for test, key, value in one.conditions
    )
    return f'  statement {{\n    effect    = "{one.effect}"\n    actions   = [{actions}]\n    resources = [{resources}]{held}\n  }}'


def _tuple(one: Statement) -> str:
    actions = ", ".join(json.dumps(action) for action in one.actions)
    resources = ", ".join(_expression(resource) for resource in one.resources)
    held = ", ".join(f'{{ test = "{test}", key = "{key}", values = ["{value}"] }}' for test, key, value in one.conditions)
    return f'{{ effect = "{one.effect}", actions = [{actions}], resources = [{resources}], conditions = [{held}] }}'
