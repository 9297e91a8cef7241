"""What a condition is compared with can be as little known as what is compared."""

from __future__ import annotations

import pytest

from bartizan.review.cloud.permission.gcp.conditions import Asked, condition_holds
from bartizan.review.cloud.permission.truth import NO, YES, Truth, depends_on

ASKED = Asked("//storage.googleapis.com/projects/_/buckets/b", {"request.host": ("here.example.com",)})


@pytest.mark.parametrize(
    ("expression", "truth"),
    [
        ("request.host in ['here.example.com']", YES),
        ("request.host in ['there.example.com']", NO),
        ("request.host in ['there.example.com', request.path]", depends_on("request.path")),
        ("request.host.startsWith('here')", YES),
        ("request.host.startsWith(request.path)", depends_on("request.path")),
        ("request.host.startsWith('there') || request.path == 'x'", depends_on("request.path")),
        ("request.host.startsWith('there') && request.path == 'x'", NO),
        ("!(request.host in [request.path])", depends_on("request.path")),
    ],
)
def test_what_is_not_known_is_no_no(expression: str, truth: Truth) -> None:
    assert condition_holds(expression, ASKED) == truth
