"""Every published set of permissions that leads to an administrator is found, in an estate that has something of everything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.field import FIELD

from bartizan.review.cloud.paths.answers import Paths
from bartizan.review.cloud.paths.compiling import compile_paths
from bartizan.review.cloud.paths.contract import administration
from bartizan.review.cloud.paths.estates import estate, named
from bartizan.review.cloud.paths.reading import path_rules
from bartizan.review.cloud.permission.authorizers import authorizer

RULES = path_rules(Path(__file__).resolve().parents[4] / "content" / "paths" / "aws")
PUBLISHED = sorted((FIELD / "pathfinding-paths" / "paths").rglob("*.yaml"))
SERVICES = (
    "lambda",
    "ec2",
    "ecs-tasks",
    "glue",
    "sagemaker",
    "codebuild",
    "cloudformation",
    "bedrock-agentcore",
    "tasks.apprunner",
    "datapipeline",
    "elasticmapreduce",
)
WORKLOADS = {
    "lambda_function": "lambda",
    "instance": "ec2",
    "launch_template": "ec2",
    "ecs_service": "ecs-tasks",
    "ecs_task_definition": "ecs-tasks",
    "glue_dev_endpoint": "glue",
    "glue_job": "glue",
    "sagemaker_notebook_instance": "sagemaker",
    "codebuild_project": "codebuild",
    "cloudformation_stack": "cloudformation",
    "apprunner_service": "tasks.apprunner",
    "bedrockagentcore_code_interpreter": "bedrock-agentcore",
}


def everything(start: str, allowed: list[str], *, assumable: bool) -> dict[str, Any]:
    """Return an estate with an administrator's role for each service, a workload of each kind, a user, a group and a policy."""
    mover = {"allow": allowed, "policies": ["own"], "groups": ["team"]}
    return {
        "policies": {"own": {"allow": ["sts:GetCallerIdentity"]}, "other": {"allow": ["s3:ListAllMyBuckets"]}},
        "groups": {"team": {"allow": ["sts:GetCallerIdentity"]}, "admins": {"allow": ["*"]}},
        "users": {"boss": {"allow": ["*"]}, "plain": {"policies": ["other"]}, **({"dev": mover} if start == "user" else {})},
        "roles": {
            **{service: {"trust": f"{service}.amazonaws.com", "allow": ["*"]} for service in SERVICES},
            "plain": {"trust": f"{start}/dev" if assumable else "ec2.amazonaws.com", "policies": ["other"]},
            **({"admin": {"trust": f"{start}/dev", "allow": ["*"]}} if allowed == ["sts:AssumeRole"] else {}),
            **({"dev": {**mover, "trust": "ec2.amazonaws.com"}} if start == "role" else {}),
        },
        "resources": [
            {
                "kind": kind,
                "name": f"{kind.replace('_', '-')}-1",
                "runs_as": f"role/{service}",
                "properties": {"role": f"role/{service}", "execute_command": True, "cluster": "ecs_cluster/main"},
            }
            for kind, service in WORKLOADS.items()
        ],
    }


@cache
def reaches(start: str, allowed: tuple[str, ...], *, assumable: bool) -> bool:
    facts = estate("aws", everything(start, list(allowed), assumable=assumable))
    paths = Paths(compile_paths(facts, RULES.values(), {"aws": authorizer("aws", facts)}))
    return bool(paths.paths_to(administration("aws", "111111111111"), starts=[named("aws", f"{start}/dev")]))


@pytest.mark.skipif(not PUBLISHED, reason="no shared/field/pathfinding-paths beside this checkout")
@pytest.mark.slow
@pytest.mark.parametrize("file", PUBLISHED, ids=lambda file: file.stem)
def test_a_published_path_is_found_and_none_without_permissions(file: Path) -> None:
    told = yaml.safe_load(file.read_text())
    allowed = tuple(one["permission"] for one in told["permissions"]["required"])
    start = "role" if "Role" in allowed[0] and told["category"] == "self-escalation" else "user"
    assert reaches(start, allowed, assumable="sts:AssumeRole" in allowed)
    assert not reaches(start, (), assumable=False)
