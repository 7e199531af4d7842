"""Packages no folder can show: archives that are too large, damaged, or whose names are tricks. Each is made anew.

What the import says of each stands in packages/invalid/<name>/expected.txt.
"""
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.task_bank.builders import make_choice, make_manifest

MEGABYTE = 1024 * 1024
FILES = {"imsmanifest.xml": make_manifest(["items/task-01.xml"]), "items/task-01.xml": make_choice()}


def write_zip(path: Path, files: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of files, in their order."""
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def add_names(*names: str) -> Callable[[Path], Path]:
    """An archive that is sound but for the names of some files in it."""
    def make(path: Path) -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in FILES.items():
                archive.writestr(name, data)
            for name in names:
                entry = zipfile.ZipInfo("x")
                entry.filename = name
                archive.writestr(entry, b"x")
        return path
    return make


def add_file(name: str, data: bytes) -> Callable[[Path], Path]:
    return lambda path: write_zip(path, {**FILES, name: data})


def make_nothing(path: Path) -> Path:
    """100 MB of nothing: 100 KB on disk."""
    return write_zip(path, {**FILES, "media/nothing.png": bytes(100 * MEGABYTE)})


def make_bomb(path: Path) -> Path:
    """Each file within its limits, by what the directory says of it, all together not within theirs."""
    block = os.urandom(64 * 1024)
    files = {f"media/{number}.bin": block for number in range(50)}
    data = bytearray(write_zip(path, {**FILES, **files}, zipfile.ZIP_STORED).read_bytes())
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        size = struct.unpack_from("<I", data, place + 24)[0]
        struct.pack_into("<I", data, place + 24, 190 * size)
        place = data.find(b"PK\x01\x02", place + 4)
    path.write_bytes(data)
    return path


def make_nested_bomb(path: Path) -> Path:
    """An archive in an archive in an archive: nobody opens it, so it is one unknown medium."""
    inner = path.with_name("inner.zip")
    data = write_zip(inner, {"nothing": bytes(10 * MEGABYTE)}).read_bytes()
    data = write_zip(inner, {f"{number}.zip": data for number in range(10)}, zipfile.ZIP_STORED).read_bytes()
    body = '<p><img src="../media/inner.zip" alt=""/></p>'
    item = make_choice().replace(b"<qti-item-body>", b"<qti-item-body>" + body.encode())
    return write_zip(path, {**FILES, "items/task-01.xml": item, "media/inner.zip": data})


def make_link(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
        entry = zipfile.ZipInfo("media/link.png")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/hostname")
    return path


def change(path: Path, edit: Callable[[bytearray], object]) -> Path:
    """A sound archive with some of its bytes changed afterwards."""
    data = bytearray(write_zip(path, FILES, zipfile.ZIP_STORED).read_bytes())
    edit(data)
    path.write_bytes(data)
    return path


def mark_encrypted(data: bytearray) -> None:
    """Set the bit in every head, local and central."""
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(sign)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(sign, place + 4)


def spoil_contents(data: bytearray) -> None:
    place = data.index(b"Which one?")
    data[place:place + 5] = b"Witch"


def lie_about_size(data: bytearray) -> None:
    """The directory says the item is ten bytes shorter than it is."""
    place = data.rindex(b"PK\x01\x02")
    size = struct.unpack_from("<I", data, place + 24)[0]
    struct.pack_into("<I", data, place + 24, size - 10)


def use_odd_packing(data: bytearray) -> None:
    for sign, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.index(sign) + offset, 99)


def cut(path: Path) -> Path:
    data = write_zip(path, FILES).read_bytes()
    path.write_bytes(data[:len(data) // 2])
    return path


def write_bytes(data: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        path.write_bytes(data)
        return path
    return make


def make_folder(path: Path, files: dict[str, bytes]) -> Path:
    folder = path.with_suffix("")
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def make_folder_of_nothing(path: Path) -> Path:
    folder = make_folder(path, FILES)
    with (folder / "nothing.bin").open("wb") as file:
        file.truncate(100 * MEGABYTE)
    return folder


def make_folder_with_a_link(path: Path) -> Path:
    folder = make_folder(path, FILES)
    (folder / "link.xml").symlink_to("/etc/hostname")
    return folder


def change_item(edit: Callable[[bytes], bytes]) -> Callable[[Path], Path]:
    return lambda path: write_zip(path, {**FILES, "items/task-01.xml": edit(make_choice())}, zipfile.ZIP_STORED)


def nest_deeply(item: bytes) -> bytes:
    return item.replace(b"<qti-item-body>", b"<qti-item-body>" + b"<div>" * 300 + b"</div>" * 300)


def write_long_attribute(item: bytes) -> bytes:
    return item.replace(b'title="task-01"', b'title="' + b"long " * (3 * MEGABYTE) + b'"')


ARCHIVES: dict[str, Callable[[Path], Path]] = {
    "archive-of-nothing-100-mb": make_nothing,
    "archive-too-large-together": make_bomb,
    "archive-in-an-archive": make_nested_bomb,
    "archive-of-too-many-files": lambda path: write_zip(path, {f"{number}.txt": b"" for number in range(5001)}),
    "archive-leaves-its-folder": add_names("../outside.txt"),
    "archive-leaves-its-folder-inside": add_names("items/../../outside.txt"),
    "archive-starts-at-the-root": add_names("/etc/outside.txt"),
    "archive-with-a-backslash": add_names("..\\outside.txt"),
    "archive-with-a-drive": add_names("C:/outside.txt"),
    "archive-with-a-device": add_names("media/con.png"),
    "archive-with-a-stream": add_names("items/task-01.xml:hidden"),
    "archive-with-a-dot-at-the-end": add_names("items/task-02.xml."),
    "archive-with-a-long-name": add_names("items/" + "long" * 70 + ".xml"),
    "archive-with-a-name-twice": add_names("items/task-01.xml"),
    "archive-with-capitals": add_names("items/TASK-01.xml"),
    "archive-with-a-link": make_link,
    "archive-encrypted": lambda path: change(path, mark_encrypted),
    "archive-spoilt": lambda path: change(path, spoil_contents),
    "archive-that-lies": lambda path: change(path, lie_about_size),
    "archive-packed-oddly": lambda path: change(path, use_odd_packing),
    "archive-cut": cut,
    "archive-empty": lambda path: write_zip(path, {}),
    "archive-is-none": write_bytes(b"This is a letter, not an archive.\n"),
    "archive-of-no-bytes": write_bytes(b""),
    "folder-of-nothing-100-mb": make_folder_of_nothing,
    "folder-with-a-link": make_folder_with_a_link,
    "folder-is-missing": lambda path: path.with_name("nowhere"),
    "item-nested-deeply": change_item(nest_deeply),
    "item-with-a-long-attribute": change_item(write_long_attribute),
}
