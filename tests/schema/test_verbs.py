"""What the name of an operation does."""

from __future__ import annotations

import pytest

from bartizan.schema.columns import ABSENT
from bartizan.schema.verbs import api_activity


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("user.lifecycle.create", 1),
        ("ip_allow_list_entry.create", 1),
        ("org.add_member", 1),
        ("Add member to role", 1),
        ("role_assigned", 1),
        ("user.session.access_admin_app", 2),
        ("Get-Mailbox", 2),
        ("file_downloaded", 2),
        ("Set-Mailbox", 3),
        ("policy.rule.update", 3),
        ("Updated", 3),
        ("MICROSOFT.KEYVAULT/VAULTS/DELETE", 4),
        ("Microsoft.Authorization/roleAssignments/write", 1),
        ("repo.destroy", 4),
        ("removing_user", 4),
        ("admin_login", 99),
        ("", 99),
        (ABSENT, 99),
        (7, 99),
    ],
)
def test_an_operation_does_what_its_verb_says(name: object, activity: int) -> None:
    assert api_activity(name) == activity  # type: ignore[arg-type]  # a name is any cell
