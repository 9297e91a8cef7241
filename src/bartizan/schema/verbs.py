"""Tell from the name of an operation what it does to what it is about: OCSF's create, read, update and delete."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from bartizan.schema.columns import Cell, text_of

__all__ = ["ACTIVITY_OF_VERB", "api_activity"]

_VERBS: Final = {
    1: "Create Run Register Add Allocate Import Copy Upload Start Invoke Send Put Publish Generate Request Launch Issue",
    2: "Get List Describe Head Lookup Batch Check Search Query Scan Select Decrypt Verify Discover Preview Simulate Test View Download "
    "Filter",
    3: "Update Modify Set Attach Enable Associate Authorize Change Reset Reboot Restore Tag Untag Apply Replace Rotate Upgrade Edit Resume "
    "Stop Disable Suspend Enter Accept Reject Encrypt Sign Share",
    4: "Delete Remove Terminate Detach Revoke Deregister Disassociate Release Destroy Cancel Purge Leave Abort Schedule",
}
"""The verbs with which operations of cloud APIs begin."""
_MORE: Final = {
    1: "New Install Invite Join Insert Enroll Post Provision Write Assign Grant Link",
    2: "Read Export Access Fetch Show Open Retrieve Recover",
    3: "Patch Rename Move Unlock Lock Activate Deactivate Archive Unarchive Transfer Approve Deny Block Unblock Promote Demote Toggle "
    "Convert Override Save Configure Alter Unsuspend Merge Turn",
    4: "Uninstall Unassign Unlink Drop Kick Wipe Unenroll Deprovision Deny Trash",
}
"""The verbs that applications use beside these."""
ACTIVITY_OF_VERB: Final = {verb: activity for activity, verbs in _VERBS.items() for verb in verbs.split()}
"""Verb, capitalised -> activity of OCSF's API Activity: 1 create, 2 read, 3 update, 4 delete."""
_ALL: Final = {
    **{verb.lower(): activity for activity, verbs in _MORE.items() for verb in verbs.split()},
    **{verb.lower(): activity for verb, activity in ACTIVITY_OF_VERB.items()},
}
_AMBIGUOUS: Final = (
    "list head batch check search query scan select test view filter run request issue import start copy send sign share tag schedule "
    "release access post lock turn open link move register write set read export save change block"
)
_NOUNS: Final = frozenset(_AMBIGUOUS.split())
"""Verbs that are nouns as often: they count where there is no other."""
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ENDINGS: Final = ("", "d", "ed", "s", "es", "ing")
_OTHER: Final = 99


@lru_cache(maxsize=16_384)
def _activity(name: str) -> int:
    end = name.replace("/", ".").rstrip(".").rpartition(".")[2]
    for part in (end, name):
        words = [found for word in _WORD.findall(part) if (found := _verb(word.lower()))]
        if words:
            return _ALL[next((word for word in words if word not in _NOUNS), words[0])]
    return _OTHER


def _verb(word: str) -> str:
    """Return the verb of which a word is a form, the empty text where there is none."""
    stems = (word.removesuffix(ending) for ending in _ENDINGS if word.endswith(ending))
    return next((verb for stem in stems for verb in (stem, f"{stem}e", stem[:-1]) if verb in _ALL), "")


def api_activity(cell: Cell) -> Cell:
    """Return the API activity (1 create, 2 read, 3 update, 4 delete) that an operation's name tells, 99 where it tells none.

    Names are read as they are written: ``user.lifecycle.create``, ``Set-Mailbox``, ``role_assigned``, ``Add member to role``. The
    verb stands at the end of dotted names; words that are nouns as often as verbs count where there is no other.
    """
    name = text_of(cell)
    return _OTHER if name is None else _activity(name)
