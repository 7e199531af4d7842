"""What each role may do: one table, shown to people on the console and in docs/roles.md.

Takes nothing. Gives `Right`s; the stages' access lists are compared with them, endpoint by endpoint, in the tests.
"""
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _

from testing_server.foundation.access import AccountRole, Level, name_coordinator

SCHOOL_ORGANIZER = AccountRole.SCHOOL_ORGANIZER.value
ORGANIZERS = frozenset({SCHOOL_ORGANIZER, AccountRole.ROOM_ORGANIZER.value})
ROOM_STAFF = ORGANIZERS | {AccountRole.TECHNICIAN.value}
COORDINATOR = frozenset({AccountRole.COORDINATOR.value})
# those who have coordinators below them
APPOINTING = frozenset({name_coordinator(Level.FEDERAL), name_coordinator(Level.REGIONAL)})
EXPERT = frozenset({AccountRole.EXPERT.value})


@dataclass(frozen=True)
class Right:
    """One kind of work: `name` for tests and papers, `title` for people (lazy text), `roles` who may do it.

    The role "coordinator" means those of every level, each in the own territory and below; one level alone is named as
    "coordinator.regional".
    """

    name: str
    title: Any
    roles: frozenset[str]


CLASSROOM_RIGHTS = (
    Right("watch_room", _("Видеть сеансы, места, архивы и сервер; запирать и отпирать свой пульт"), ROOM_STAFF),
    Right("care_for_workstations",
          _("Сопрягать рабочие места, закрывать и снимать их, смотреть проверки, менять код выхода"), ROOM_STAFF),
    Right("bring_archives", _("Привозить архивы и смотреть, как показываются задания открытого архива"), ROOM_STAFF),
    Right("note_incidents", _("Записывать происшествия"), ROOM_STAFF),
    Right("open_archives", _("Открывать архив шифром и ключ школы паролем"), ORGANIZERS),
    Right("see_codes", _("Видеть коды и логины, печатать бумажки входа и протокол с именами"), ORGANIZERS),
    Right("conduct", _("Готовить, открывать и вести сеанс: команды местам, перенос, отмена"), ORGANIZERS),
    Right("close", _("Закрывать сеанс: баланс, пакет, отправка, удаление с рабочих мест"), ORGANIZERS),
    Right("replace_server", _("Принимать сеансы на этот сервер и списывать пропавшие места"), ORGANIZERS),
    Right("run_school", _("Подключать школу к региону, хранить её ключ, заводить и закрывать сотрудников"),
          frozenset({SCHOOL_ORGANIZER})),
    Right("name_school_experts", _("Назначать экспертов и председателя школы, видеть, как идёт проверка"),
          frozenset({SCHOOL_ORGANIZER})),
    Right("mark_at_school", _("Проверять обезличенные ответы, когда сеанс закрыт и критерии открыты"), EXPERT),
    Right("lead_school_commission", _("Подписывать протокол школы, решать об отложенных ответах (только председатель)"),
          EXPERT),
    Right("take_school_form", _("Скачать подписанный протокол и заполненную по нему форму (из экспертов председатель)"),
          EXPERT | {SCHOOL_ORGANIZER}),
)
HUB_RIGHTS = (
    Right("coordinate",
          _("Реестр школ; заявки, расписания и анкеты школ; коды, материалы, архивы и шифры, пакеты, живая доска, "
            "эксперты"), COORDINATOR),
    Right("appoint_below",
          _("Заводить координаторов уровнем ниже, выдавать им пароли, сбрасывать привязку их телефонов"), APPOINTING),
    Right("pass_credentials",
          _("Передавать учётные данные вниз файлом и видеть, кому что выдано, кем получено и когда использовано"),
          COORDINATOR),
    Right("decide_zones", _("Подтверждать смену часового пояса школы, о которой просил другой"), APPOINTING),
    Right("decide_deletions", _("Удалять данные, срок хранения которых прошёл, и хранить их дольше"), APPOINTING),
    Right("offer_software", _("Выкладывать школам программы и материалы тренировки"), APPOINTING),
    Right("name_heads", _("Назначать председателя комиссии: регион и предметы, которыми он руководит"), APPOINTING),
    Right("list_experts", _("Вести списки экспертов по предметам"), APPOINTING),
    Right("serve_own_school", _("Заявка, расписание, анкеты, материалы, коды, шифры и пакеты своей школы"),
          frozenset({SCHOOL_ORGANIZER})),
    Right("mark", _("Проверять обезличенные ответы"), EXPERT),
    Right("lead_commission",
          _("Вести комиссию своего региона и предметов: назначать, исправлять ключи, подписывать протокол "
            "(только её глава)"), EXPERT),
    Right("see_results", _("Видеть итоги: свои у школы, все у координатора"), COORDINATOR | {SCHOOL_ORGANIZER}),
    Right("take_form", _("Получить форму итогов: школа свою, координатор и эксперт по работе"),
          COORDINATOR | EXPERT | {SCHOOL_ORGANIZER}),
)
