"""task-bank assemble: one school or a list of them, a report beside the sets, refusals in plain words."""
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from lxml import etree

from tests.task_bank.builders import make_assessment, make_choice, make_files, make_position
from tests.task_bank.test_cli import run, write_package

ZONES = ("Europe/Kaliningrad", "Asia/Yekaterinburg", "Asia/Kamchatka")


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Two positions with twelve items each."""
    pools = [tuple(f"task-{number}-{place:02}" for place in range(12)) for number in (1, 2)]
    items = {name: make_choice(name) for pool in pools for name in pool}
    profiles = {name: {"expected": 0.5 + place / 100} for pool in pools for place, name in enumerate(pool)}
    work = make_assessment([make_position(number, pool) for number, pool in enumerate(pools, 1)], items=profiles,
                           title={"ru": "Проба <1>", "en": "Trial"})
    return write_package(tmp_path / "bank", make_files(items, work))


@pytest.fixture
def schools(tmp_path: Path) -> Path:
    lines = [f"sch33{place:04},{ZONES[place % 3]},{4 + place % 3}" for place in range(12)]
    (tmp_path / "schools.csv").write_text("\n".join(["school,zone,count", *lines]) + "\n", encoding="utf-8")
    return tmp_path / "schools.csv"


def assemble(*arguments: object) -> Result:
    return run("assemble", *arguments, "--seed", 7)


def read_lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_one_school_is_printed_and_compared(bank: Path) -> None:
    asked = (bank, "--school", "sch220001", "--count", 5, "--zone", "Asia/Omsk")
    first = assemble(*asked)
    assert first.exit_code == 0 and first.stdout == assemble(*asked).stdout
    *variants, comparison = read_lines(first)
    assert [len(one["items"]) for one in variants] == [2] * 5 and comparison["neighbours"] == [2] * 4
    assert first.stdout != assemble(bank, "--school", "sch220002", "--count", 5).stdout


def test_a_list_of_schools_is_written_with_its_report(bank: Path, schools: Path, tmp_path: Path) -> None:
    result = assemble(bank, "--schools", schools, "--out", tmp_path / "made", "--processes", 1)
    assert result.exit_code == 0, result.output
    assert "Школ: 12, вариантов: 60." in result.stderr and result.stdout == ""
    made = [json.loads(line) for line in (tmp_path / "made" / "variants.jsonl").read_text().splitlines()]
    assert [one["school"] for one in made] == [f"sch33{place:04}" for place in range(12)]
    assert [len(one["variants"]) for one in made] == [4, 5, 6] * 4
    held = [{item for variant in one["variants"] for item in variant["items"]} for one in made]
    assert not set.union(*held[0::3]) & set.union(*held[2::3])
    again = assemble(bank, "--schools", schools, "--out", tmp_path / "again", "--processes", 2)
    assert again.exit_code == 0
    for name in ("variants.jsonl", "report.html"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "made" / name).read_bytes()


def test_a_list_saved_by_excel_is_read(bank: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_bytes("\ufeffschool;count;zone\r\nsch1;2;\r\nsch2;3;\r\n".encode())
    result = assemble(bank, "--schools", tmp_path / "list.csv", "--processes", 1)
    counted = [line for line in read_lines(result) if "distinct" in line]
    assert [(one["school"], one["distinct"]) for one in counted] == [("sch1", 2), ("sch2", 3)]


@pytest.mark.parametrize("text,said", [
    ("school,zone\nsch1,\n", "list.csv:1: нет столбца count"), ("", "list.csv:1: нет столбца school, count"),
    ("school,zone,count\nsch1,,2\nsch1,,2\n", "list.csv:3: школа sch1 уже есть в списке"),
    ("school,zone,count\nsch1,,many\n", "list.csv:2: число вариантов 'many'"),
    ("school,zone,count\nsch1,,0\n", "list.csv:2: число вариантов '0'"),
    ("school,zone,count\n,,2\n", "list.csv:2: нет логина школы"),
    ("school,zone,count\nsch1,Asia/Omsk,2\nsch2,,2\n", "часовой пояс указан не у всех школ, нет у sch2"),
    ("school,zone,count\nsch1,Europe/Nowhere,2\n", "there is no time zone 'Europe/Nowhere'"),
    ("school,zone,count\nsch1,,99999\n", "five digits number at most 90000"),
])
def test_a_list_that_is_wrong_is_refused_by_its_line(bank: Path, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    result = assemble(bank, "--schools", tmp_path / "list.csv", "--processes", 1)
    assert result.exit_code == 1 and said in result.output


@pytest.mark.parametrize("arguments", [(), ("--school", "s"), ("--count", 3), ("--school", "s", "--schools", "x.csv")])
def test_it_says_what_it_needs(bank: Path, arguments: tuple[object, ...]) -> None:
    result = assemble(bank, *arguments)
    assert result.exit_code == 2 and "--school и --count, либо --schools" in result.output


def test_a_list_that_is_not_there_is_named(bank: Path, tmp_path: Path) -> None:
    result = assemble(bank, "--schools", tmp_path / "nothing.csv")
    assert result.exit_code == 1 and "nothing.csv" in result.output


def test_every_position_that_lacks_items_is_named_in_russian(bank: Path) -> None:
    result = assemble(bank, "--school", "s", "--count", 3, "--least-pool", 14)
    assert result.exit_code == 1 and "Банк слишком мал:" in result.output
    for number in (1, 2):
        assert f"позиция {number} (Б): заданий 12, нужно 14, не хватает 2" in result.output


def test_what_the_bank_is_too_small_for_is_a_warning(tmp_path: Path) -> None:
    items = {f"task-{place}": make_choice(f"task-{place}") for place in range(4)}
    folder = write_package(tmp_path / "work", make_files(items))
    result = assemble(folder, "--school", "s", "--count", 3, "--zone", ZONES[0])
    assert result.exit_code == 0
    assert "Внимание: позиция 1 (Б): заданий 4, нужно 12, не хватает 8 – чтобы у далёких" in result.stderr
    assert assemble(folder, "--school", "s", "--count", 3).stderr == ""


def test_a_single_item_cannot_part_neighbours(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "work", make_files({"task-0": make_choice("task-0")}))
    result = assemble(folder, "--school", "s", "--count", 3)
    assert result.exit_code == 0 and read_lines(result)[-1]["neighbours"] == [0, 0]
    assert result.stderr == ("Внимание: позиция 1 (Б): заданий 1, нужно 2, не хватает 1 – "
                             "чтобы соседи по кабинету получили разные задания\n")


class _Outside(HTMLParser):
    """Addresses a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href", "data")]


def test_the_report_needs_nothing_else_and_draws_what_was_counted(bank: Path, schools: Path, tmp_path: Path) -> None:
    assert assemble(bank, "--schools", schools, "--report", tmp_path / "r.html", "--processes", 1).exit_code == 0
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    reader = _Outside()
    reader.feed(text)
    assert reader.found == [] and "http" not in text
    assert "Проба &lt;1&gt;" in text and "UTC+8 и восточнее" in text
    drawings = [etree.fromstring(one) for one in re.findall(r"<svg.*?</svg>", text, re.S)]
    assert len(drawings) == 5
    for drawing in drawings:
        for column in drawing.iter("rect"):
            x, y, width, height = (float(column.get(name, "nan")) for name in ("x", "y", "width", "height"))
            assert 0 <= x and x + width <= 720 and 0 <= y and y + height <= 261
    far = next(one.text for one in drawings[4].iter("title") if one.getparent().get("class") == "s1")
    assert far == "0: 100 %"


def test_the_report_of_one_school_tells_of_its_variants(bank: Path, tmp_path: Path) -> None:
    result = assemble(bank, "--school", "s", "--count", 6, "--report", tmp_path / "r.html")
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    numbers = [one["number"] for one in read_lines(result)[:-1]]
    assert all(re.search(rf"<title>{number}: 1,\d+</title>", text) for number in numbers)
    assert "Соседние и далёкие школы" not in text and "Доля вариантов с заданием" in text
