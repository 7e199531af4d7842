"""Materials at the seat: fetched in pieces, checked, opened only in memory and only by the right keys."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from kiosk_client.bundles import BundleStore
from kiosk_client.fake_work import FakeWork
from kiosk_client.journal import Journal
from kiosk_client.refusals import BundleWrong, ServerAway
from testing_server.contracts.messages import Bundle


class FakeLink:
    """Serves the bundles of a work; `breaks_after` bytes the connection is gone, once."""

    def __init__(self, work: FakeWork, breaks_after: int | None = None, ranges: bool = True) -> None:
        self.work, self.breaks_after, self.ranges = work, breaks_after, ranges
        self.offsets: list[int] = []

    @contextmanager
    def open_bundle(self, sha256: str, offset: int) -> Iterator[httpx.Response]:
        self.offsets.append(offset)
        data = self.work.bundles[sha256][offset if self.ranges else 0:]
        yield httpx.Response(206 if offset and self.ranges else 200, content=self._send(data))

    def _send(self, data: bytes) -> Iterator[bytes]:
        if self.breaks_after is not None:
            cut, self.breaks_after = self.breaks_after, None
            yield data[:cut]
            raise httpx.ReadError("the cable was pulled")
        yield data


def make_store(folder: Path) -> BundleStore:
    return BundleStore(Journal(folder / "journal.sqlite"), folder / "bundles")


def list_bundles(work: FakeWork) -> list[Bundle]:
    return [Bundle(**listed) for listed in work.listed]


def make_start(work: FakeWork, **changes: object) -> dict[str, object]:
    return {"variant_bundle": work.variant_bundle, "media": work.media, "keys": work.keys, **changes}


def fetch_all(store: BundleStore, work: FakeWork) -> None:
    for bundle in list_bundles(work):
        store.fetch(FakeLink(work), bundle)  # type: ignore[arg-type]


def test_materials_open_in_memory_and_never_on_the_disk(tmp_path: Path) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    fetch_all(store, work)
    materials = store.open_materials(make_start(work), list_bundles(work))
    assert [item["id"] for item in materials.items] == ["i1", "i2", "i3", "i4"]
    assert {kind for _, kind in materials.media.values()} == {"audio/ogg", "image/svg+xml"}
    plain = next(iter(materials.media.values()))[0]
    assert not any(plain in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("ranges", [True, False])
def test_a_fetch_that_broke_off_goes_on(tmp_path: Path, ranges: bool) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    bundle = max(list_bundles(work), key=lambda one: one.bytes)
    link = FakeLink(work, breaks_after=100, ranges=ranges)
    with pytest.raises(ServerAway):
        store.fetch(link, bundle)  # type: ignore[arg-type]
    assert store.count_missing([bundle]) == 1
    store.fetch(link, bundle)  # type: ignore[arg-type]
    assert store.count_missing([bundle]) == 0 and link.offsets == [0, 100]


def test_a_bundle_of_other_bytes_is_thrown_away(tmp_path: Path) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    bundle = list_bundles(work)[0]
    work.bundles[bundle.sha256] = b"x" * bundle.bytes
    with pytest.raises(BundleWrong):
        store.fetch(FakeLink(work), bundle)  # type: ignore[arg-type]
    assert list((tmp_path / "bundles").iterdir()) == []


def test_a_bundle_whose_size_nobody_told_is_fetched_as_well(tmp_path: Path) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    store.fetch(FakeLink(work), Bundle(sha256=work.variant_bundle, bytes=0))  # type: ignore[arg-type]
    assert hashlib.sha256((tmp_path / "bundles" / work.variant_bundle).read_bytes()).hexdigest() == work.variant_bundle


@pytest.mark.parametrize("keys", [{}, "swapped", "broken"])
def test_without_the_right_keys_nothing_opens(tmp_path: Path, keys: object) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    fetch_all(store, work)
    names = list(work.keys)
    if keys == "swapped":
        keys = dict(zip(names, [work.keys[name] for name in names[1:] + names[:1]], strict=True))
    if keys == "broken":
        keys = dict.fromkeys(names, "AGE-SECRET-KEY-1NONSENSE")
    with pytest.raises(BundleWrong):
        store.open_materials(make_start(work, keys=keys), list_bundles(work))


def test_a_medium_under_another_name_is_refused(tmp_path: Path) -> None:
    work, store = FakeWork(), make_store(tmp_path)
    fetch_all(store, work)
    first, second = work.media.values()
    swapped = dict(zip(work.media, (second, first), strict=True))
    with pytest.raises(BundleWrong):
        store.open_materials(make_start(work, media=swapped), list_bundles(work))
