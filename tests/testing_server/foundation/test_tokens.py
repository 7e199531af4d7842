"""Tokens: only of this key, this kind, and while their time lasts."""
import pytest
from hypothesis import given
from hypothesis import strategies as some

from testing_server.foundation.tokens import BadToken, Token, make_token, read_token

KEY = b"k" * 32


def test_token_is_read_back() -> None:
    text = make_token(KEY, "seat-4", "workstation", 100, "generation 3")
    assert read_token(KEY, text, "workstation", 99) == Token("seat-4", "workstation", 100, "generation 3")


@pytest.mark.parametrize(("key", "kind", "now_ms"), [
    (b"x" * 32, "workstation", 99), (KEY, "school", 99), (KEY, "workstation", 100), (KEY, "workstation", 101)])
def test_wrong_key_kind_or_time_is_refused(key: bytes, kind: str, now_ms: int) -> None:
    with pytest.raises(BadToken):
        read_token(key, make_token(KEY, "seat-4", "workstation", 100), kind, now_ms)


@given(some.text(max_size=60))
def test_no_text_is_taken_for_a_token(text: str) -> None:
    with pytest.raises(BadToken):
        read_token(KEY, text, "workstation", 0)


@given(some.integers(min_value=0, max_value=400), some.sampled_from("AQgw_-0"))
def test_changed_token_is_refused(place: int, sign: str) -> None:
    text = make_token(KEY, "seat-4", "workstation", 100)
    place %= len(text)
    changed = text[:place] + sign + text[place + 1:]
    if changed != text:
        with pytest.raises(BadToken):
            read_token(KEY, changed, "workstation", 99)
