"""Bodies are unpacked in bounded memory, whatever is in them."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from bartizan.collect.receivers.bodies import unpack
from bartizan.collect.receivers.catalogue import receivers
from bartizan.collect.receivers.contract import Asked, Trouble
from bartizan.collect.receivers.cutting import TOO_MANY

PACKERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
    "": bytes,
}


def raw_deflate(text: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(text) + packer.flush()


@pytest.mark.parametrize("encoding", PACKERS)
@given(text=st.binary(max_size=5000))
def test_what_was_packed_comes_out_again(encoding: str, text: bytes) -> None:
    assert unpack(PACKERS[encoding](text), encoding, 5000) == text


def test_several_members_and_several_encodings_are_unpacked() -> None:
    assert unpack(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", 100) == b"one two"
    assert unpack(zstandard.compress(b"one ") + zstandard.compress(b"two"), "zstd", 100) == b"one two"
    assert unpack(gzip.compress(zlib.compress(b"twice")), "deflate, gzip", 100) == b"twice"
    assert unpack(raw_deflate(b"no header"), "deflate", 100) == b"no header"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_refused_before_it_is_unpacked(encoding: str) -> None:
    bomb = PACKERS[encoding](bytes(200 << 20))
    assert unpack(bomb, encoding, 1 << 20) == Trouble(413, "the body is larger than 1048576 bytes: send it in parts")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_what_is_cut_off_is_refused(encoding: str) -> None:
    packed = PACKERS[encoding](b"a log line\n" * 100)
    assert unpack(packed[:-3], encoding, 1 << 20) == Trouble(400, f"the {encoding} body is cut off")


def test_an_encoding_that_is_not_known_is_refused_by_its_name() -> None:
    assert unpack(b"x", "br", 10) == Trouble(415, "the content encoding 'br' is not known here: send gzip, deflate, zstd or none")


@given(st.sampled_from(["gzip", "deflate", "zstd"]), st.binary(max_size=200))
def test_garbage_is_an_answer_and_no_exception(encoding: str, garbage: bytes) -> None:
    assert isinstance(unpack(garbage, encoding, 1000), bytes | Trouble)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/records", b"a\n" * 300_000),
        ("/v1/records", b"{}" * 300_000),
        ("/services/collector/raw", b"a\n" * 300_000),
        ("/services/collector/event", b'{"event":1}' * 300_000),
        ("/services/collector/event", b"[" + b'{"event":1},' * 300_000 + b"]"),
        ("/services/collector/event", b"{}\n" * 300_000),
        ("/_bulk", b'{"index":{}}\n{}\n' * 200_000),
    ],
)
def test_more_records_than_a_request_may_have_are_refused(path: str, body: bytes) -> None:
    receiver = next(each for each in receivers() if each.serves("POST", path))
    assert receiver.answer(Asked(method="POST", path=path, body=body)) == TOO_MANY


def test_a_body_of_otlp_that_would_grow_too_large_is_refused() -> None:
    receiver = next(each for each in receivers() if each.serves("POST", "/v1/logs"))
    found = receiver.answer(Asked(method="POST", path="/v1/logs", body=bytes(9 << 20), headers={"content-type": "application/x-protobuf"}))
    assert found == Trouble(413, "the body is larger than 8388608 bytes: send it in parts")
