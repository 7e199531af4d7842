"""What may stand in a result form. Pure: the form's shape, what is known of the school and texts of cells come in.

A form has a line for each candidate: code, variant, points for every column of the shape. "Х" (Latin or Cyrillic) says
that a task was not attempted; it is kept apart from nought. An empty cell says nothing and is asked about.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.refusals import Refusal
from testing_server.foundation.workbooks.cells import CellFinding, CellProblem, fold_text, parse_decimal

NOT_ATTEMPTED = "Х"
CODE_DIGITS, MOST_VARIANT_DIGITS = 5, 5
MOST_FINDINGS = 200
Points = dict[str, str]


class FormsClosed(Refusal):
    code = "forms_closed"
    status = 409
    message = _("Формы этой работы больше не принимаются: срок прошёл.")
    safe = _("Принятое раньше цело; присланное не записано.")
    remedy = _("Если форма важна, обратитесь к региональному координатору.")


class NoForm(Refusal):
    code = "no_form"
    status = 404
    message = _("Формы этой работы на сервере нет.")
    remedy = _("Откройте список работ: там видно, у каких работ форма уже опубликована.")


class FormFromMarking(Refusal):
    code = "form_from_marking"
    status = 409
    message = _("Баллы этой работы взяты из подписанного протокола проверки: форму больше не загружают.")
    remedy = _("Если балл неверен, подайте апелляцию: его исправит председатель комиссии.")


class EmptyForm(Refusal):
    """The commonest mistake: the form that was downloaded is sent instead of the one that was filled in."""

    code = "empty_form"
    status = 422
    message = _("Загружена пустая форма: ни у одного участника нет баллов.")
    remedy = _("Похоже, выбрана скачанная форма вместо заполненной. Найдите файл с баллами и загрузите его.")


class OtherForm(Refusal):
    """A form of another work or school."""

    code = "other_form"
    status = 422
    safe = _("Из файла не взято ничего.")
    remedy = _("Скачайте форму на этой странице и перенесите баллы в неё.")


@dataclass(frozen=True)
class FormColumn:
    """One column: a task, or one criterion of a task. `id`: "3" or "3.К1"; `most`: highest points.

    `zeroes`: nought here makes the whole task nought. `whole`: fractions are not given. `title`: what is marked.
    `levels`: (points, what they are given for).
    """

    id: str
    task: str
    most: Decimal
    whole: bool = True
    zeroes: bool = False
    title: str = ""
    levels: tuple[tuple[str, str], ...] = ()

    @property
    def heading(self) -> str:
        """As the form shows it: "3.К1 (2б)"."""
        return f"{self.id} ({show_number(self.most)}б)"


@dataclass(frozen=True)
class FormShape:
    """The columns of a work. `by_expert`: points are handed in by an expert, after marking by downloaded criteria.

    `scale`: (mark, lowest raw score), empty where no scale is known; `is_sample`: made up, not the organizer's own.
    """

    columns: tuple[FormColumn, ...]
    subject: str = ""
    by_expert: bool = False
    is_sample: bool = False
    scale: tuple[tuple[int, Decimal], ...] = ()


@dataclass(frozen=True)
class KnownCandidates:
    """What the hub knows of a school's candidates in a work; empty where it knows nothing.

    `codes`: all issued ones; `variants`: issued to the school; `worked`: code → variant that was really done.
    """

    codes: frozenset[str] = frozenset()
    variants: frozenset[str] = frozenset()
    worked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TypedRow:
    """One line as it was typed. `cells`: column → "D7", with "code" and "variant" among the columns."""

    code: str
    variant: str
    points: Mapping[str, str]
    cells: Mapping[str, str]


@dataclass(frozen=True)
class FormRow:
    """`points`: column → decimal text, or NOT_ATTEMPTED. `raw`, `mark`: as a signed protocol has them, "" where the
    points were typed and both are computed."""

    code: str
    variant: str
    points: Points
    raw: str = ""
    mark: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


@dataclass
class ReadForm:
    """`rows`: of candidates with points; `absent`: codes whose line is empty; `findings` refuse the form, `warnings`
    do not."""

    sheet: str
    rows: list[FormRow] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    findings: list[CellFinding] = field(default_factory=list)
    warnings: list[CellFinding] = field(default_factory=list)
    more: int = 0

    def find(self, cell: str, message: Any) -> None:
        """Beyond the limit only their number is kept."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(CellFinding(self.sheet, cell, message))
        else:
            self.more += 1


def check_form(sheet: str, typed: Sequence[TypedRow], shape: FormShape, known: KnownCandidates) -> ReadForm:
    """Every cell judged. Raises EmptyForm where no candidate has anything."""
    if not any(text for row in typed for text in row.points.values()):
        raise EmptyForm()
    read, seen = ReadForm(sheet), dict[str, str]()
    for row in typed:
        _check_row(read, row, shape, known, seen)
    return read


def _check_row(read: ReadForm, row: TypedRow, shape: FormShape, known: KnownCandidates, seen: dict[str, str]) -> None:
    code = _check_code(read, row, known, seen)
    if not any(row.points.values()):
        if code:
            read.absent.append(code)
        return
    variant = _check_variant(read, row, known)
    points: Points = {}
    for column in shape.columns:
        points[column.id] = _check_points(read, row, column)
    _check_tasks(read, row, shape, points)
    read.rows.append(FormRow(code, variant, points))


def _check_code(read: ReadForm, row: TypedRow, known: KnownCandidates, seen: dict[str, str]) -> str:
    cell, code = row.cells["code"], read_digits(row.code, CODE_DIGITS)
    if not row.code:
        read.find(cell, _("баллы стоят, а кода участника нет"))
    elif not (len(code) == CODE_DIGITS and code.isascii() and code.isdigit()):
        read.find(cell, _("код участника — пять цифр, а стоит «%(code)s»", code=row.code[:40]))
    elif known.codes and code not in known.codes:
        read.find(cell, _("код %(code)s вашей школе не выдавался", code=code))
    elif code in seen:
        read.find(cell, _("код %(code)s стоит дважды: он уже есть в ячейке %(cell)s", code=code, cell=seen[code]))
    seen.setdefault(code, cell)
    return code


def _check_variant(read: ReadForm, row: TypedRow, known: KnownCandidates) -> str:
    variant, cell, code = row.variant, row.cells["variant"], read_digits(row.code, CODE_DIGITS)
    worked = known.worked.get(code)
    if not variant:
        read.find(cell, _("не указан номер варианта"))
    elif not (variant.isascii() and variant.isdigit() and len(variant) <= MOST_VARIANT_DIGITS):
        read.find(cell, _("номер варианта — это цифры, а стоит «%(variant)s»", variant=variant[:40]))
    elif worked and _trim(worked) != _trim(variant):
        read.find(cell, _("участник %(code)s выполнял вариант %(worked)s, а стоит %(variant)s", code=code,
                          worked=worked, variant=variant))
    elif known.variants and _trim(variant) not in {_trim(one) for one in known.variants}:
        read.find(cell, _("вариант %(variant)s вашей школе не выдавался: это вариант другой школы или опечатка",
                          variant=variant))
    return worked or next((one for one in known.variants if _trim(one) == _trim(variant)), variant)


def _check_points(read: ReadForm, row: TypedRow, column: FormColumn) -> str:
    text, cell = row.points.get(column.id, ""), row.cells.get(column.id, "")
    if not text:
        read.find(cell, _("пусто: поставьте балл, 0 или Х, если участник к заданию не приступал"))
        return ""
    try:
        return parse_points(text, column)
    except CellProblem as problem:
        read.find(cell, problem.message)
        return ""


def parse_points(text: str, column: FormColumn) -> str:
    """Decimal text, or NOT_ATTEMPTED for any X. Raises CellProblem."""
    if fold_text(text) == fold_text(NOT_ATTEMPTED):
        return NOT_ATTEMPTED
    number = parse_decimal(text)
    if number < 0:
        raise CellProblem(_("баллов меньше нуля не бывает, а стоит %(text)s", text=text[:40]))
    if number > column.most:
        raise CellProblem(_("за «%(column)s» не больше %(most)s, а стоит %(text)s", column=column.id,
                            most=show_number(column.most), text=text[:40]))
    if column.whole and number != number.to_integral_value():
        raise CellProblem(_("здесь баллы только целые, а стоит %(text)s", text=text[:40]))
    if -number.as_tuple().exponent > 2:  # type: ignore[operator]
        raise CellProblem(_("не больше двух знаков после запятой, а стоит %(text)s", text=text[:40]))
    return show_number(number)


def _check_tasks(read: ReadForm, row: TypedRow, shape: FormShape, points: Points) -> None:
    for task in list_tasks(shape):
        columns = [one for one in shape.columns if one.task == task]
        given = [points[one.id] for one in columns]
        crosses = [one for one in columns if points[one.id] == NOT_ATTEMPTED]
        if crosses and "" not in given and len(crosses) < len(columns):
            read.find(row.cells[crosses[0].id], _(
                "Х ставится за всё задание %(task)s: либо Х во всех его критериях, либо баллы во всех", task=task))
        elif is_zeroed(columns, points) and any(points[one.id] not in ("", "0") for one in columns):
            first = next(one for one in columns if one.zeroes and points[one.id] == "0")
            read.warnings.append(CellFinding(read.sheet, row.cells[first.id], _(
                "за «%(column)s» стоит 0, а за другими критериями есть баллы: за всё задание будет засчитан 0",
                column=first.id)))


def list_tasks(shape: FormShape) -> list[str]:
    """Tasks in order, each once."""
    return list(dict.fromkeys(one.task for one in shape.columns))


def is_zeroed(columns: Collection[FormColumn], points: Mapping[str, str]) -> bool:
    """Whether a criterion makes the task nought."""
    return any(one.zeroes and points.get(one.id) == "0" for one in columns)


def score_row(shape: FormShape, row: FormRow) -> tuple[str, str]:
    """(raw score, mark): of the protocol where there is one, it knows rules that a form does not; else computed."""
    raw = Decimal(row.raw) if row.raw else compute_raw(shape, row.points)
    mark = find_mark(shape, raw)
    return show_number(raw), row.mark or ("" if mark is None else str(mark))


def compute_raw(shape: FormShape, points: Mapping[str, str]) -> Decimal:
    """The raw score: tasks added up, nought for a task that a criterion zeroed, nothing for X."""
    total = Decimal(0)
    for task in list_tasks(shape):
        columns = [one for one in shape.columns if one.task == task]
        if not is_zeroed(columns, points):
            total += sum((Decimal(points[one.id]) for one in columns
                          if points.get(one.id, NOT_ATTEMPTED) != NOT_ATTEMPTED), Decimal(0))
    return total


def find_mark(shape: FormShape, raw: Decimal) -> int | None:
    """The mark of a raw score, None where no scale is known."""
    fitting = [mark for mark, lowest in shape.scale if raw >= lowest]
    return max(fitting, default=None)


def show_number(number: Decimal) -> str:
    """Shortest exact text: "5", "2.5"."""
    text = format(number.normalize(), "f")
    return text if text != "-0" else "0"


def read_digits(text: str, length: int) -> str:
    """A code with the noughts that Excel took off its front."""
    return text.zfill(length) if text.isascii() and text.isdigit() else text


def _trim(variant: str) -> str:
    return variant.lstrip("0")
