"""What is asked follows from what was answered: step by step, in batches, and not where it is needless."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bartizan.collect.inventory.kinds import kind
from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.reading import Reader
from bartizan.collect.inventory.live.aws.sections import _section, sections
from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.memory import Remembered

HERE = Place("123456789012", "us-east-1")


class Cloud:
    """Answers by name of call, with what a function makes of its parameters."""

    def __init__(self, **answers: Any) -> None:  # noqa: ANN401 - JSON, or what makes it
        self.answers = {name.replace("__", ":"): given for name, given in answers.items()}
        self.asked: list[str] = []

    def __call__(self, call: Call) -> Answer:
        parameters = json.loads(call.parameters)
        self.asked.append(f"{call.name} {'/'.join(map(str, parameters.values()))}".strip())
        given = self.answers.get(call.name, Failure("denied", "AccessDenied"))
        given = given(**parameters) if callable(given) else given
        return Answer(failure=given) if isinstance(given, Failure) else Answer(given)


def read(name: str, cloud: Cloud) -> Any:  # noqa: ANN401 - facts
    (section,) = (one for one in sections() if one.kind.name == name)
    return Reader(Remembered(cloud)).read(section, HERE)


def test_services_are_described_ten_at_a_time_of_clusters_that_have_any() -> None:
    def services(cluster: str, services: list[str], include: list[str]) -> Any:  # noqa: ANN401 - JSON
        assert include == ["TAGS"]
        return {"services": [{"serviceArn": one, "serviceName": one, "clusterArn": cluster} for one in services]}

    clusters = [{"clusterArn": "busy", "activeServicesCount": 12}, {"clusterArn": "idle", "activeServicesCount": 0}]
    cloud = Cloud(
        ecs__ListClusters={"clusterArns": ["busy", "idle"]},
        ecs__DescribeClusters={"clusters": clusters},
        ecs__ListServices={"serviceArns": [f"s{number:02}" for number in range(12)]},
        ecs__DescribeServices=services,
    )
    facts = read("ecs_service", cloud)
    assert [one.name for one in facts.resources] == [f"s{number:02}" for number in range(12)]
    assert [call.partition(" ")[0] for call in cloud.asked] == [
        "ecs:ListClusters",
        "ecs:DescribeClusters",
        "ecs:ListServices",
        "ecs:DescribeServices",
        "ecs:DescribeServices",
    ]


def test_what_another_answer_makes_needless_is_not_asked_and_its_fact_is_known() -> None:
    cloud = Cloud(iam__GetAccountSummary={"SummaryMap": {"AccountMFAEnabled": 0, "AccountAccessKeysPresent": 0, "Users": 1}})
    facts = read("account", cloud)
    assert (facts.resources[0].properties["root.mfa"], facts.resources[0].properties["root.hardware_mfa"]) == (False, False)
    assert not any(call.startswith("iam:ListVirtualMFADevices") for call in cloud.asked)


def test_each_call_is_made_once_however_many_things_need_it() -> None:
    groups = [{"GroupId": f"sg-{number}", "GroupName": "x", "VpcId": "v"} for number in range(50)]
    cloud = Cloud(ec2__DescribeSecurityGroups={"SecurityGroups": groups}, ec2__DescribeNetworkInterfaces={"NetworkInterfaces": []})
    assert len(read("security_group", cloud).resources) == 50
    assert cloud.asked == ["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces"]


def test_a_call_that_fails_for_all_things_is_one_gap_and_for_one_thing_is_that_things() -> None:
    def policy(KeyId: str, PolicyName: str) -> Any:  # noqa: ANN401, N803 - JSON, and the API's names
        assert PolicyName == "default"
        return Failure("denied", "AccessDenied") if KeyId == "1" else {"Policy": '{"Statement": []}'}

    cloud = Cloud(
        kms__ListKeys={"Keys": [{"KeyId": "1", "KeyArn": "arn:1"}, {"KeyId": "2", "KeyArn": "arn:2"}]},
        kms__GetKeyPolicy=policy,
        kms__DescribeKey={"KeyMetadata": {"KeyState": "Enabled"}},
        kms__GetKeyRotationStatus={"KeyRotationEnabled": True},
        kms__ListAliases={"Aliases": []},
        resourcegroupstaggingapi__GetResources={"ResourceTagMappingList": []},
    )
    told = {(gap.call, gap.uid, gap.properties) for gap in read("kms_key", cloud).gaps}
    assert told == {("kms:GetKeyPolicy", "arn:1", ("policy",)), ("kms:ListGrants", "", ("grants",))}


def test_a_value_of_another_type_is_unknown_and_no_fact() -> None:
    cloud = Cloud(ec2__DescribeVolumes={"Volumes": [{"VolumeId": "v", "Size": "large", "Encrypted": True}]})
    (volume,) = read("ebs_volume", cloud).resources
    assert volume.unknown["size_gib"].startswith('failed: "large" is no integer')
    assert "size_gib" not in volume.properties


def test_what_fails_unexpectedly_fails_for_everybody_who_waits() -> None:
    def broken(_call: Call) -> Answer:
        message = "broken"
        raise OSError(message)

    ask = Remembered(broken)
    for _ in range(2):
        with pytest.raises(OSError, match="broken"):
            ask(Call.of(HERE, "kms:ListKeys"))


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"list": {"call": "kms:ListKeys", "uid": "x", "gives": {"colour": "a"}}}, "the kind has no property colour"),
        ({"list": {"call": "ListKeys", "uid": "x"}}, "'ListKeys' is no service:Operation"),
        ({"list": {"call": "kms:ListKeys", "uid": "x", "whom": "y"}}, "it knows no whom: only absent"),
        ({"list": {"call": "kms:ListKeys", "uid": "x"}, "each": ["a"]}, "'a' is no mapping"),
    ],
)
def test_a_section_that_is_wrong_says_what_is_wrong(told: Any, why: str) -> None:  # noqa: ANN401 - YAML
    held = kind("aws", "kms_key")
    assert held is not None
    with pytest.raises((ValueError, TypeError), match=why):
        _section(held, told)
