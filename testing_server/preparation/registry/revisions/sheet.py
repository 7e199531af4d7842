"""The list of schools as a workbook: the instruction first, then the schools. Takes what was asked; gives the book."""
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from testing_server.foundation.workbooks.writing import Book, Sheet, SheetColumn
from testing_server.preparation.exports import Asked, export
from testing_server.preparation.registry.queries import list_schools
from testing_server.preparation.registry.revisions.rules import COLUMNS, SHEET
from testing_server.preparation.registry.zones import ZONES, name_zone

SCHOOLS = "schools"
INSTRUCTION = (
    "Выверка списка образовательных организаций",
    "1. Откройте лист «Школы». В нём все школы вашей территории, какими их знает сервер.",
    "2. Школу, которой больше нет, не удаляйте из списка: поставьте X в столбце «Исключить (X)».",
    "3. Новую школу впишите строкой ниже: логин (две–пять латинских букв и цифры, как sch330001), название, "
    "муниципалитет, регион, часовой пояс.",
    "4. Ошибку в названии или муниципалитете исправьте прямо в строке. Логин не меняется никогда.",
    "5. Часовой пояс пишите как в списке: " + ", ".join(ZONES.values()) + ". Смену пояса школы подтверждает второй "
    "координатор; уже назначенное время шифров и критериев она не переносит.",
    "6. Сохраните файл как «Книга Excel (.xlsx)» и загрузите на той же странице. Сервер покажет, что изменится, и "
    "ничего не изменит, пока вы не нажмёте «Применить». Строка, которой в файле нет, остаётся как была.",
)


@export(SCHOOLS, _("Список школ"), "schools.xlsx")
def compose_schools(session: Session, asked: Asked) -> Book:
    """All open schools of the territory, to be corrected and sent back."""
    choices = {"closed": ("X",)}
    columns = [SheetColumn(one.heading, one.width, choices.get(one.key, ())) for one in COLUMNS]
    rows = [[one.login, one.name, one.municipality, one.region, name_zone(one.zone), ""]
            for one in list_schools(session, asked.territory)]
    return Book(INSTRUCTION, [Sheet(SHEET, columns, rows)])
