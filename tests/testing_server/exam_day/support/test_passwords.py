"""A lost password is replaced on the server's own computer, running or not; nothing else changes, and it is audited."""
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from testing_server.cli import main
from testing_server.exam_day.support.passwords import PATH
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.foundation.supervision.ports import write_ports
from tests.builders import PASSWORD, open_browser
from tests.testing_server.exam_day.builders import Classroom

LOGIN = "person-school-organizer"


def reset(data: Path, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["reset-password", *words, "--data", str(data)])
    return done.exit_code, done.output


@pytest.fixture
def room(open_room: Classroom) -> Classroom:
    open_room.browser()
    return open_room


@pytest.fixture
def running(room: Classroom) -> Iterator[Classroom]:
    """Its core answers on loopback, as under its supervisor."""
    server = make_server("127.0.0.1", 0, room.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    write_ports(room.data, {"port": 1, "console_port": server.port, "files_port": 1})
    (room.data / "run" / "pids.json").write_text(f'{{"supervisor": {os.getpid()}}}')
    yield room
    server.shutdown()


def check_replaced(room: Classroom, said: str) -> None:
    password = re.search(r": (\S+)", said)
    assert password is not None
    assert open_browser(room.app).sign_in(LOGIN, PASSWORD).status_code == 401
    assert open_browser(room.app).sign_in(LOGIN, password[1]).status_code == 302
    with room.services.storage.read() as session:
        lines = [one for one in read_audit(session, "hub") if one.verb == "password_reset"]
        assert [(one.actor, one.subject) for one in lines] == [("command line", LOGIN)]
        assert verify_audit(session, "hub") is None


def test_of_a_server_at_rest(room: Classroom) -> None:
    code, said = reset(room.data, LOGIN)
    assert code == 0, said
    check_replaced(room, said)


def test_of_a_running_server_through_its_core(running: Classroom) -> None:
    code, said = reset(running.data, LOGIN.upper())
    assert code == 0, said
    check_replaced(running, said)


def test_a_forgotten_login_is_listed_and_an_unknown_one_refused(running: Classroom, tmp_path: Path) -> None:
    assert f"{LOGIN} (school_organizer)" in reset(running.data)[1]
    code, said = reset(running.data, "nobody")
    assert code == 1 and "one-time" not in said
    assert reset(tmp_path / "nowhere", LOGIN)[0] == 1


def test_a_dead_core_is_told_and_a_stranger_gets_nothing(running: Classroom) -> None:
    asked = {"json": {"login": LOGIN}, "headers": {"Authorization": "Internal 00"}}
    assert running.app.test_client().post(PATH, **asked).status_code == 401
    assert running.browser("technician").client.post(PATH, json={"login": LOGIN}).status_code == 403
    write_ports(running.data, {"port": 1, "console_port": 9, "files_port": 1})
    code, said = reset(running.data, LOGIN)
    assert code == 1 and "one-time" not in said
