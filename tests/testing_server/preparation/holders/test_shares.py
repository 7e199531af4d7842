"""One half is nothing, two halves of one pair are the secret, and a half says whose and of which slot it is."""
from itertools import combinations
from pathlib import Path

import pyrage
import pytest

from testing_server.preparation.holders.roll import (
    BadRoll, Holder, Roll, make_holder, read_card, read_key, read_roll, write_roll)
from testing_server.preparation.holders.shares import BadHalf, join_halves, open_half, split_secret

SECRET = b"AGE-SECRET-KEY-1QQQQQQ"


def make_all(folder: Path) -> dict[str, Holder]:
    named = {"keeper-a": "keeper", "keeper-b": "keeper", "anna": "coordinator", "boris": "coordinator"}
    return {name: make_holder(folder / name, name, kind, "http://k" * (kind == "keeper"))  # type: ignore[arg-type]
            for name, kind in named.items()}


def test_any_two_holders_have_the_secret_and_no_one_alone(tmp_path: Path) -> None:
    holders = make_all(tmp_path)
    keys = {name: read_key(tmp_path / name / "holder.key").identity for name in holders}
    pairs = split_secret(SECRET, list(holders.values()), "slot", 7)
    assert {pair.name for pair in pairs} == {"+".join(sorted(two)) for two in combinations(holders, 2)}
    for pair in pairs:
        one, other = (open_half(sealed, keys[name]) for name, sealed in pair.halves.items())
        assert join_halves(one, other) == SECRET and (one.slot, one.opens_at_ms) == ("slot", 7)
        assert SECRET not in (one.data, other.data)
    own = [open_half(pair.halves["anna"], keys["anna"]) for pair in pairs if "anna" in pair.halves]
    assert len({half.data for half in own}) == 3, "each pair has a pad of its own"
    for one, other in combinations(own, 2):
        with pytest.raises(BadHalf, match="different pairs"):
            join_halves(one, other)


def test_a_half_opens_for_its_holder_alone(tmp_path: Path) -> None:
    holders = make_all(tmp_path)
    pair = split_secret(SECRET, list(holders.values())[:2], "slot", 7)[0]
    for wrong in (pair.halves["keeper-a"], "not base64 ~", "QUJD"):
        with pytest.raises(BadHalf):
            open_half(wrong, pyrage.x25519.Identity.generate())


def test_a_key_is_made_once_and_may_be_locked(tmp_path: Path) -> None:
    made = make_holder(tmp_path, "anna", "coordinator", passphrase="three words here")
    with pytest.raises(BadRoll, match="passphrase"):
        read_key(tmp_path / "holder.key", "other words")
    assert str(read_key(tmp_path / "holder.key", "three words here").identity.to_public()) == made.recipient
    assert read_card((tmp_path / "holder.json").read_bytes()) == made
    with pytest.raises(BadRoll, match="once"):
        make_holder(tmp_path, "anna", "coordinator")


@pytest.mark.parametrize("spoil,why", [
    (lambda all_: all_[:2], "3 to 9"), (lambda all_: [*all_[:3], all_[0]], "alike"),
    (lambda all_: all_[:3], "coordinators")])
def test_a_roll_that_would_not_work_is_refused(tmp_path: Path, spoil: object, why: str) -> None:
    holders = list(make_all(tmp_path).values())
    with pytest.raises(BadRoll, match=why):
        write_roll(tmp_path / "holders.json", Roll("0" * 64, tuple(spoil(holders))))  # type: ignore[operator]
    assert not (tmp_path / "holders.json").exists()
    write_roll(tmp_path / "holders.json", Roll("0" * 64, tuple(holders)))
    assert read_roll(tmp_path / "holders.json").holders == tuple(holders)
    (tmp_path / "holders.json").write_text("{}")
    with pytest.raises(BadRoll):
        read_roll(tmp_path / "holders.json")


@pytest.mark.parametrize("name,kind,url", [
    ("Анна", "coordinator", ""), ("a+b", "coordinator", ""), ("keeper-a", "keeper", ""),
    ("anna", "coordinator", "http://x"), ("anna", "friend", "")])
def test_a_card_that_says_nonsense_is_refused(tmp_path: Path, name: str, kind: str, url: str) -> None:
    with pytest.raises(BadRoll):
        make_holder(tmp_path, name, kind, url)  # type: ignore[arg-type]
    assert not (tmp_path / "holder.key").exists()
