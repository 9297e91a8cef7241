from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bartizan.collect.inventory.contract import Facts, Gap, NetworkRule, Origin, Resource, Uid
from bartizan.review.cloud.checks import load, review
from bartizan.review.cloud.checks.contract import Row
from bartizan.review.cloud.contract import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bartizan.collect.inventory.contract import Value
    from bartizan.review.cloud.checks.contract import Checks
    from bartizan.review.cloud.checks.outcome import Review
    from bartizan.review.cloud.checks.tables import Tables

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FILE = Origin("case")
CONTENT = Path(__file__).parents[4] / "content" / "checks" / "aws"

CHECK = """\
title: {title}
logsource: {{product: aws, category: inventory, service: {service}}}
detection:
{detection}
"""
NOT_ENCRYPTED = "  safe: {encrypted: true}\n  condition: not safe"
SSH = "  open: {anyone: true, 'first_port|lte': 22, 'last_port|gte': 22}\n  condition: open"


def written(folder: Path, name: str, service: str, detection: str) -> Path:
    (folder / f"{name}.yml").write_text(CHECK.format(title=name, service=service, detection=detection))
    return folder / f"{name}.yml"


def checks(folder: Path, **detections: tuple[str, str]) -> Checks:
    paths = [written(folder, name.replace("_", "-"), service, detection) for name, (service, detection) in detections.items()]
    loaded = load(paths, today=NOW.date())
    assert list(loaded.refused) == []
    return loaded


def volume(
    number: int, properties: dict[str, object] | None = None, *, unknown: dict[str, str] | None = None, **more: str | Origin
) -> Resource:
    uid = Uid(f"arn:aws:ec2:eu-west-1:1:volume/vol-{number}")
    given = {"account": "1", "region": "eu-west-1", "origin": FILE, **more}
    return Resource(uid=uid, provider="aws", kind="ebs_volume", properties=properties or {}, unknown=unknown or {}, **given)  # type: ignore[arg-type]  # properties of JSON


def group(number: int) -> Resource:
    return Resource(uid=Uid(f"sg-{number}"), provider="aws", kind="security_group", account="1", region="eu-west-1", origin=FILE)


def rule(number: int, peer: str, port: int) -> NetworkRule:
    return NetworkRule(resource=Uid(f"sg-{number}"), direction="ingress", peer=peer, protocol="tcp", first_port=port, last_port=port)


def said(result: Review) -> list[tuple[str, str, str]]:
    return [(one.resource.uid.rpartition("/")[2], one.verdict.value, one.why) for one in result]


def test_a_resource_fails_passes_or_is_unknown_with_the_reason(tmp_path: Path) -> None:
    facts = Facts(
        resources=[
            volume(1, {"encrypted": False}),
            volume(2, {"encrypted": True}),
            volume(3),
            volume(4, unknown={"encrypted": "DescribeVolumes: denied"}),
            volume(5, unknown={"*": "throttled"}),
        ]
    )
    result = review(facts, checks(tmp_path, ebs_volume_unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW)
    assert said(result) == [
        ("vol-1", "fail", "encrypted: false"),
        ("vol-2", "pass", ""),
        ("vol-3", "fail", "encrypted: not set"),
        ("vol-4", "unknown", "encrypted: DescribeVolumes: denied"),
        ("vol-5", "unknown", "encrypted: throttled"),
    ]
    assert (result.counts(), result.yellow) == ({Verdict.FAIL: 2, Verdict.PASS: 1, Verdict.UNKNOWN: 2}, True)


def test_a_gap_hides_what_is_not_set_where_it_is(tmp_path: Path) -> None:
    gap = Gap(
        provider="aws",
        call="ec2:DescribeVolumes",
        reason="denied",
        account="1",
        region="eu-west-1",
        kinds=("ebs_volume",),
        properties=("encrypted",),
    )
    facts = Facts(resources=[volume(1), volume(2, {"encrypted": False}), volume(3, region="eu-west-2")], gaps=[gap])
    result = review(facts, checks(tmp_path, ebs_volume_unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW)
    assert [(uid, verdict) for uid, verdict, _ in said(result)] == [("vol-1", "unknown"), ("vol-2", "fail"), ("vol-3", "fail")]


def test_a_kind_that_could_not_be_listed_is_unknown_and_does_not_vanish(tmp_path: Path) -> None:
    gap = Gap(
        provider="aws",
        call="ec2:DescribeVolumes",
        reason="denied",
        detail="no right",
        account="1",
        region="eu-west-1",
        kinds=("ebs_volume",),
    )
    result = review(Facts(gaps=[gap]), checks(tmp_path, ebs_volume_unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW)
    [judgement] = result
    assert (judgement.resource.uid, judgement.verdict, judgement.why, result.yellow) == (
        "aws:1:eu-west-1:ebs_volume:*",
        Verdict.UNKNOWN,
        "ec2:DescribeVolumes: denied (no right)",
        True,
    )


def test_what_is_false_stays_false_whatever_else_is_unknown(tmp_path: Path) -> None:
    both = "  one: {encrypted: [false, null]}\n  two: {state: available}\n  condition: one and two"
    either = "  one: {encrypted: [false, null]}\n  two: {state: available}\n  condition: one or two"
    loaded = checks(tmp_path, both=("ebs_volume", both), either=("ebs_volume", either))
    facts = Facts(
        resources=[volume(1, {"encrypted": True}, unknown={"state": "?"}), volume(2, {"state": "available"}, unknown={"encrypted": "?"})]
    )
    assert [(one.check, one.resource.uid[-1], one.verdict.value) for one in review(facts, loaded, now=NOW)] == [
        ("both", "1", "pass"),
        ("both", "2", "unknown"),
        ("either", "1", "unknown"),
        ("either", "2", "fail"),
    ]


def test_a_group_fails_by_one_rule_and_passes_without_any(tmp_path: Path) -> None:
    facts = Facts(
        resources=[group(1), group(2), group(3)],
        network_rules=[rule(1, "10.0.0.0/8", 22), rule(1, "0.0.0.0/0", 22), rule(2, "0.0.0.0/0", 443)],
    )
    result = review(facts, checks(tmp_path, open_ssh=("security_group_rule", SSH)), now=NOW)
    assert said(result) == [
        ("sg-1", "fail", "anyone: true; first_port: 22; last_port: 22"),
        ("sg-2", "pass", ""),
        ("sg-3", "pass", ""),
    ]


def test_a_group_of_which_rules_may_be_missing_does_not_pass(tmp_path: Path) -> None:
    gap = Gap(provider="aws", call="ec2:DescribeSecurityGroupRules", reason="throttled", kinds=("security_group",), properties=("rules",))
    facts = Facts(resources=[group(1), group(2)], network_rules=[rule(1, "0.0.0.0/0", 22)], gaps=[gap])
    result = review(facts, checks(tmp_path, open_ssh=("security_group_rule", SSH)), now=NOW)
    assert [(uid, verdict) for uid, verdict, _ in said(result)] == [("sg-1", "fail"), ("sg-2", "unknown")]


class Hostile(str):
    """A text that breaks whoever looks at it."""

    __slots__ = ()

    def lower(self) -> str:
        message = "boom"
        raise ValueError(message)

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


def test_a_check_that_raises_is_unknown_and_the_others_go_on(tmp_path: Path) -> None:
    state = "  gone: {state: available}\n  condition: gone"
    loaded = checks(tmp_path, raising=("ebs_volume", state), fine=("ebs_volume", NOT_ENCRYPTED))
    result = review(Facts(resources=[volume(1, {"state": Hostile("available"), "encrypted": False})]), loaded, now=NOW)
    assert [(one.check, one.verdict.value, one.why) for one in result] == [
        ("raising", "unknown", "the check raised ValueError: boom"),
        ("fine", "fail", "encrypted: false"),
    ]


def test_an_exception_is_counted_and_its_resource_still_fails(tmp_path: Path) -> None:
    path = written(tmp_path, "ebs-volume-unencrypted", "ebs_volume", NOT_ENCRYPTED)
    path.write_text(path.read_text().replace("logsource", "id: 6dd237d0-0f34-58db-9320-e4dcd861bc9f\nlogsource"))
    (tmp_path / "exceptions.yml").write_text(
        "title: scratch disks\nlogsource: {product: aws, category: inventory}\n"
        "filter: {rules: [6dd237d0-0f34-58db-9320-e4dcd861bc9f], scratch: {tags.use: scratch}, condition: not scratch}\n"
        "owner: alice@example.com\nreason: no data\nexpires: 2026-06-30\n"
    )
    tagged = Resource(uid=Uid("vol/vol-2"), provider="aws", kind="ebs_volume", tags={"use": "scratch"}, origin=FILE)
    facts = Facts(resources=[volume(1), tagged])
    result = review(facts, load([tmp_path], today=NOW.date()), now=NOW)
    assert [(one.verdict.value, one.exception and one.exception.owner) for one in result] == [("fail", None), ("fail", "alice@example.com")]
    assert (result.excepted, [one.expired for one in result.holdings]) == (1, [False])
    later = review(facts, load([tmp_path], today=NOW.date().replace(month=7)), now=NOW)
    assert (later.excepted, [one.expired for one in later.holdings]) == (0, [True])


def test_a_check_that_asks_for_what_is_not_declared_is_refused(tmp_path: Path) -> None:
    paths = [
        written(tmp_path, "typo", "ebs_volume", "  safe: {encryptd: true}\n  condition: not safe"),
        written(tmp_path, "kindless", "ebs_volumes", NOT_ENCRYPTED),
        written(tmp_path, "keyword", "ebs_volume", "  words: [boom]\n  condition: words"),
        written(tmp_path, "compares", "ebs_volume", "  same: {'key|fieldref': type}\n  condition: same"),
    ]
    loaded = load(paths, today=NOW.date())
    assert list(loaded.checks) == []
    assert [one.why for one in loaded.refused] == [
        "there is no property 'encryptd' (did you mean 'encrypted'?)",
        "logsource: 'aws' has no kind of resource and no join that is called 'ebs_volumes'",
        "keywords look at a whole record, and here is none: name the properties",
        "key: fieldref compares two properties, which only a join can do",
    ]
    assert review(Facts(), loaded, now=NOW).yellow


def test_ages_and_counts_are_worked_out_and_unknown_as_what_they_are_made_of(tmp_path: Path) -> None:
    old = "  old: {created.age_days|gt: 90}\n  condition: old"
    many = "  many: {groups.count|gte: 2}\n  condition: many"
    loaded = checks(tmp_path, old=("iam_user", old), many=("iam_user", many))
    users: list[dict[str, Value]] = [
        {"created": "2025-01-01T00:00:00Z", "groups": ["a", "b"]},
        {"created": "2025-12-31T00:00:00+00:00", "groups": ["a"]},
        {"created": "yesterday"},
    ]
    facts = Facts(
        resources=[
            Resource(uid=Uid(str(number)), provider="aws", kind="iam_user", properties=one, origin=FILE) for number, one in enumerate(users)
        ]
    )
    facts.resources.append(Resource(uid=Uid("3"), provider="aws", kind="iam_user", unknown={"created": "?", "groups": "?"}))
    result = [(one.check, one.verdict.value) for one in review(facts, loaded, now=NOW)]
    assert result == [("old", one) for one in ("fail", "pass", "unknown", "unknown")] + [
        ("many", one) for one in ("fail", "pass", "pass", "unknown")
    ]


def test_a_value_that_is_not_of_its_type_is_unknown(tmp_path: Path) -> None:
    facts = Facts(resources=[volume(1, {"encrypted": "${var.encrypt}"}), volume(2, {"encrypted": None})])
    result = review(facts, checks(tmp_path, unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW)
    assert said(result) == [("vol-1", "unknown", "encrypted: '${var.encrypt}' is no boolean"), ("vol-2", "fail", "encrypted: not set")]


def test_what_an_origin_never_tells_is_unknown_and_no_fact(tmp_path: Path) -> None:
    loaded = checks(tmp_path, unencrypted=("ebs_volume", NOT_ENCRYPTED), hidden=("ebs_volume", "  bare: {key: null}\n  condition: bare"))
    read = [volume(1, {"encrypted": True}, origin=Origin("examples")), volume(2, origin=Origin("examples"))]
    result = [(one.check, one.resource.uid[-1], one.verdict.value, one.why) for one in review(Facts(resources=read), loaded, now=NOW)]
    assert result == [
        ("unencrypted", "1", "pass", ""),
        ("unencrypted", "2", "fail", "encrypted: not set"),
        ("hidden", "1", "unknown", "key: examples: not-in-origin"),
        ("hidden", "2", "unknown", "key: examples: not-in-origin"),
    ]


def test_a_gap_that_marks_on_resources_tell_already_hides_no_others(tmp_path: Path) -> None:
    gap = Gap(provider="aws", call="ec2:Ask", reason="denied", kinds=("ebs_volume",), properties=("encrypted",))
    facts = Facts(resources=[volume(1, unknown={"encrypted": "denied: ec2:Ask"}), volume(2)], gaps=[gap])
    result = review(facts, checks(tmp_path, unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW)
    assert [(uid, verdict) for uid, verdict, _ in said(result)] == [("vol-1", "unknown"), ("vol-2", "fail")]


def test_a_gap_of_one_resource_hides_nothing_of_another(tmp_path: Path) -> None:
    gap = Gap(provider="aws", call="ec2:Ask", reason="denied", kinds=("ebs_volume",), uid=volume(1).uid)
    result = review(
        Facts(resources=[volume(1), volume(2)], gaps=[gap]), checks(tmp_path, unencrypted=("ebs_volume", NOT_ENCRYPTED)), now=NOW
    )
    assert [(uid, verdict) for uid, verdict, _ in said(result)] == [("vol-1", "unknown"), ("vol-2", "fail")]


def test_a_check_of_which_no_origin_reads_anything_is_told(tmp_path: Path) -> None:
    loaded = checks(
        tmp_path,
        unencrypted=("ebs_volume", NOT_ENCRYPTED),
        training=("sagemaker_training_job", "  wrong: {network_isolation: [false, null]}\n  condition: wrong"),
    )
    read = review(Facts(resources=[volume(1, {"encrypted": True}, origin=Origin("terraform"))]), loaded, now=NOW)
    assert read.unread == {"training": "terraform: no sagemaker_training_job is read there"}
    assert review(Facts(), loaded, now=NOW).unread == dict.fromkeys(("unencrypted", "training"), "nothing of aws was read")
    assert not read.yellow


def test_a_join_that_raises_leaves_its_subjects_unknown(tmp_path: Path) -> None:
    def breaking(_tables: Tables) -> Iterator[Row]:
        message = "boom"
        raise RuntimeError(message)
        yield

    loaded = checks(tmp_path, open_ssh=("security_group_rule", SSH))
    [check] = loaded.checks
    assert check.join is not None
    broken = replace(check, join=replace(check.join, rows=breaking))
    result = review(Facts(resources=[group(1)]), replace(loaded, checks=[broken]), now=NOW)
    assert said(result) == [("sg-1", "unknown", "the join security_group_rule raised RuntimeError: boom")]


def test_a_row_about_something_else_is_judged_too(tmp_path: Path) -> None:
    loaded = checks(tmp_path, open_ssh=("security_group_rule", SSH))
    [check] = loaded.checks
    assert check.join is not None
    told: dict[str, Value] = {"anyone": True, "first_port": 1, "last_port": 99}
    strange = replace(check, join=replace(check.join, rows=lambda _: [Row(volume(1), told)]))
    result = review(Facts(resources=[group(1)]), replace(loaded, checks=[strange]), now=NOW)
    assert [(uid, verdict) for uid, verdict, _ in said(result)] == [("sg-1", "pass"), ("vol-1", "fail")]


def test_an_exception_to_a_join_holds_where_it_takes_in_every_failing_row(tmp_path: Path) -> None:
    written(tmp_path, "open-ssh", "security_group_rule", SSH)
    (tmp_path / "exceptions.yml").write_text(
        "title: office\nlogsource: {product: aws, category: inventory, service: security_group_rule}\n"
        "filter: {rules: any, office: {first_port: 22}, condition: not office}\nowner: alice@example.com\nreason: x\nexpires: 2026-06-30\n"
    )
    wide = replace(rule(2, "0.0.0.0/0", 22), first_port=0, last_port=99)
    facts = Facts(resources=[group(1), group(2)], network_rules=[rule(1, "::/0", 22), rule(2, "::/0", 22), wide])
    result = review(facts, load([tmp_path], today=NOW.date()), now=NOW)
    assert [(one.resource.uid, one.exception is not None) for one in result.judgements(Verdict.FAIL)] == [("sg-1", True), ("sg-2", False)]


def test_what_is_no_check_or_no_exception_to_one_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "unencrypted", "ebs_volume", NOT_ENCRYPTED)
    (tmp_path / "log.yml").write_text("title: t\nlogsource: {product: aws, service: cloudtrail}\ndetection: {s: {a: b}, condition: s}\n")
    head = "title: e\nlogsource: {product: aws, category: inventory, service: ebs_volume}\n"
    (tmp_path / "x.yml").write_text(f"{head}filter: {{rules: any, s: {{colour: red}}, condition: not s}}\n")
    (tmp_path / "y.yml").write_text(f"{head}filter: {{rules: any, s: [red], condition: not s}}\n")
    loaded = load([tmp_path], today=NOW.date())
    assert [one.why for one in loaded.refused] == [
        "logsource.category: '': a check is about the inventory",
        "there is no property 'colour'",
        "keywords look at a whole record, and here is none: name the properties",
    ]
    assert loaded.named("unencrypted") is loaded.checks[0]
    assert loaded.named("encrypted") is None


def test_two_checks_of_one_name_are_one_too_many(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        written(
            tmp_path / folder, "unencrypted", "ebs_volume", NOT_ENCRYPTED if folder == "a" else "  x: {state: available}\n  condition: x"
        )
    loaded = load([tmp_path], today=NOW.date())
    assert (len(loaded.checks), [one.why.partition(":")[0] for one in loaded.refused]) == (1, ["there is a check of this name already"])
