"""Who can do what is told line by line, and what is alike in one line."""

from __future__ import annotations

from bartizan.collect.inventory.contract import Statement, Uid
from bartizan.explain.cloud.rights import can_lines, records_lines
from bartizan.review.cloud.permission.asking import Can, Found
from bartizan.review.cloud.permission.contract import Answer, Decision, Why

ALL = Statement(policy=Uid("p"), number=0, actions=("*",), resources=("*",))


def can(*actions: str, statement: Statement = ALL) -> Found:
    def told(action: str) -> Decision:
        return Decision(Answer.ALLOWED, (Why("identity", f"Statement {statement.number} of p allows {action} on *.", statement),))

    return Found(tuple(Can(Uid("alice"), action, "*", told(action)) for action in actions), len(actions))


def told(found: Found) -> list[str]:
    return [line[16:] for line in can_lines(found, by="action")][:-1:2]


def test_a_few_actions_are_a_line_each() -> None:
    assert told(can("sqs:A", "sqs:B")) == ["sqs:A on *", "sqs:B on *"]


def test_many_actions_of_a_service_by_one_statement_are_one_line() -> None:
    assert told(can("sns:X", *(f"sqs:{name}" for name in "ABCDEF"))) == ["sns:X on *", "sqs: 6 actions on *, sqs:A among them"]


def test_actions_of_many_services_by_one_statement_are_one_line() -> None:
    assert told(can(*(f"{name}:Do" for name in "abcdef"))) == ["6 actions of 6 services on *"]


def test_actions_of_a_service_by_another_statement_stay_apart() -> None:
    first, second = can(*(f"sqs:{name}" for name in "ABCDEF")), can("sqs:G", statement=Statement(policy=Uid("p"), number=1))
    assert told(Found((*first.rows, *second.rows), 7)) == ["sqs: 6 actions on *, sqs:A among them", "sqs:G on *"]


def test_what_the_records_do_not_tell_is_told_by_account() -> None:
    day = 86_400 * 1_000_000_000
    lines = list(records_lines({"1", "2", "3"}, {"1": 10 * day, "3": 0}, ["x.amazonaws.com"], now=100 * day, days=95))
    assert lines == [
        "of the account 1 the records begin 90 days ago",
        "of the account 2 there is no record: nothing that it grants can be called unused",
        "of events of x.amazonaws.com it is not known which permissions they used",
    ]
