"""What was read is kept, is read again as it was, and goes on from where it was killed."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from bartizan.collect.inventory.live.aws.calls import Call, Place
from bartizan.collect.inventory.live.aws.recording import FORM, Scope
from bartizan.collect.inventory.live.calls import Answer, Failure
from bartizan.collect.inventory.live.recording import Recording, recordings
from bartizan.errors import InputError, NoRoom, OutputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

HERE = Place("123456789012", "us-east-1")
ONE, TWO = Call.of(HERE, "kms:ListKeys"), Call.of(HERE, "kms:DescribeKey", {"KeyId": "é"})
ANSWER = Answer({"Keys": [{"KeyId": "é"}]})
DENIED = Answer(failure=Failure("denied", "AccessDenied", "no"))


class Cloud:
    def __init__(self, answer: Answer) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self, _call: Call) -> Answer:
        self.asked += 1
        return self.answer


def kept(file: Path, *pairs: tuple[Call, Answer]) -> None:
    recording = Recording(file, FORM, add=True)
    recording.begin(Scope((HERE,)))
    for call, answer in pairs:
        recording.through(Cloud(answer))(call)
    recording.close()


def test_answers_and_failures_come_back_as_they_were_and_what_was_not_asked_is_not_there(tmp_path: Path) -> None:
    kept(tmp_path / "1.ndjson", (ONE, ANSWER), (TWO, DENIED))
    (recording,) = recordings(tmp_path, FORM)
    assert recording.scope == Scope((HERE,))
    assert (recording.answer(ONE), recording.answer(TWO)) == (ANSWER, DENIED)
    missing = recording.answer(Call.of(HERE, "kms:ListAliases")).failure
    assert missing == Failure("not-in-origin", "", "the recording does not hold this call")
    recording.close()


def test_a_run_that_goes_on_asks_only_what_has_no_answer_yet(tmp_path: Path) -> None:
    kept(tmp_path / "1.ndjson", (ONE, ANSWER), (TWO, DENIED))
    recording, cloud = Recording(tmp_path / "1.ndjson", FORM, add=True), Cloud(Answer({"KeyMetadata": {}}))
    ask = recording.through(cloud)
    assert [ask(ONE), ask(TWO), ask(TWO)] == [ANSWER, cloud.answer, cloud.answer]
    assert (cloud.asked, len(recording)) == (1, 2)
    recording.close()


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_line_that_was_cut_off_is_taken_away_and_its_call_made_again(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "1.ndjson"
    kept(file, (ONE, ANSWER), (TWO, ANSWER))
    os.truncate(file, file.stat().st_size - cut)
    recording, cloud = Recording(file, FORM, add=True), Cloud(ANSWER)
    assert [recording.through(cloud)(call) for call in (ONE, TWO)] == [ANSWER, ANSWER]
    recording.close()
    assert cloud.asked == 1
    (again,) = recordings(file, FORM)
    assert (again.answer(ONE), again.answer(TWO)) == (ANSWER, ANSWER)
    again.close()


def test_a_recording_belongs_to_one_process_at_a_time_and_to_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "made" / "1.ndjson"
    recording = Recording(file, FORM, add=True)
    with pytest.raises(UsageError, match=r"1\.ndjson: another process adds to this recording: wait for it, or name another folder"):
        Recording(file, FORM, add=True)
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode)) == (0o600, 0o700)
    recording.close()


def test_what_is_no_recording_is_refused_with_its_line(tmp_path: Path) -> None:
    tmp_path.joinpath("1.ndjson").write_text('{"a": 1}\n')
    with pytest.raises(InputError, match=r"1\.ndjson:1: this is no line of a recording: 'account'"):
        list(recordings(tmp_path, FORM))
    tmp_path.joinpath("1.ndjson").write_text('{"format": "other/9", "scope": []}\n')
    with pytest.raises(InputError, match=r"1\.ndjson:1: .*its format is other/9, not bartizan-aws-recording/1"):
        list(recordings(tmp_path, FORM))
    tmp_path.joinpath("1.ndjson").unlink()
    with pytest.raises(InputError, match=r"there is no recording here: a folder of ACCOUNT\.ndjson was expected"):
        list(recordings(tmp_path, FORM))


def test_a_full_disk_says_that_what_was_read_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = Recording(tmp_path / "1.ndjson", FORM, add=True)
    recording.begin(Scope((HERE,)))

    def full(*_told: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(NoRoom, match="what was read so far is kept, and the same run goes on from there"):
        recording.through(Cloud(ANSWER))(ONE)
    recording.close()


def test_a_thread_that_comes_late_writes_nowhere(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "1.ndjson", FORM, add=True)
    recording.begin(Scope((HERE,)))
    recording.close()
    other = (tmp_path / "other").open("w+b")  # takes the number that the recording had
    with pytest.raises(OutputError, match="cannot be written"):
        recording.through(Cloud(ANSWER))(ONE)
    assert (other.read(), len((tmp_path / "1.ndjson").read_bytes().splitlines())) == (b"", 1)
    other.close()
