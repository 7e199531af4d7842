"""A school becomes known to the hub: by a one-time code, once, with a key it can prove."""
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, strategies

from testing_server.contracts.statements import key_id_of, public_bytes
from testing_server.foundation.audit import read_audit, verify_audit
from testing_server.preparation.enrolment.actions import make_enrolment_code
from testing_server.preparation.enrolment.credentials import (
    BadCredentials, Credentials, read_credentials, write_credentials)
from testing_server.preparation.enrolment.queries import list_certificates, read_enrolment_state
from testing_server.preparation.enrolment.rules import (
    CODE_LENGTH, CODE_LIFE_MS, CROCKFORD, CodeWrong, make_code, read_code, show_code)
from testing_server.preparation.hub_link import AnswerNotTrusted, HubAway, HubLink, HubRefused, PlainHubRefused
from testing_server.preparation.school_key import (
    SchoolKeyDamaged, WrongPassphrase, lock_school_key, unlock_school_key)
from tests.testing_server.preparation.make_hub import ADDRESS, Hub, enrol, make_key, make_school


def test_a_school_enrols_and_opens_a_session(hub: Hub) -> None:
    enrolled = enrol(hub)
    certificate = enrolled.link.read_certificate()
    assert certificate["school"] == enrolled.school.id
    assert certificate["keys"] == enrolled.key.describe_public()
    assert hub.read(read_enrolment_state, enrolled.school.id, hub.clock.now_ms()).word == "ready"
    assert enrolled.link.recipients == (str(hub.keys.recipient.to_public()),)


def test_the_code_is_kept_only_as_a_hash_and_every_step_is_audited(hub: Hub) -> None:
    school = make_school(hub)
    code = hub.write(make_enrolment_code, school=school.id)
    hub.link().enrol(school.login, code, make_key())
    chain = f"school:{school.id}"
    assert [line.verb for line in hub.read(read_audit, chain)] == [
        "school_created", "enrolment_code_made", "school_enrolled"]
    assert hub.read(verify_audit, chain) is None
    assert code.encode() not in b"".join(path.read_bytes() for path in hub.offered.settings.data.glob("hub.sqlite*"))


def test_a_used_code_is_refused_for_another_key(hub: Hub) -> None:
    school = make_school(hub)
    code = hub.write(make_enrolment_code, school=school.id)
    hub.link().enrol(school.login, code, make_key())
    with pytest.raises(HubRefused) as refused:
        hub.link().enrol(school.login, code, make_key())
    assert refused.value.code == "code_used"


def test_the_same_request_again_gives_the_same_certificate(hub: Hub) -> None:
    school, key = make_school(hub), make_key()
    code = hub.write(make_enrolment_code, school=school.id)
    first = hub.link().enrol(school.login, code, key)
    assert hub.link().enrol(school.login, code, key) == first
    assert len(hub.read(list_certificates, school.id)) == 1


def test_a_code_dies_after_fourteen_days(hub: Hub) -> None:
    school = make_school(hub)
    code = hub.write(make_enrolment_code, school=school.id)
    hub.clock.advance(CODE_LIFE_MS)
    with pytest.raises(HubRefused) as refused:
        hub.link().enrol(school.login, code, make_key())
    assert (refused.value.code, refused.value.status) == ("code_expired", 410)


def test_a_new_code_ends_the_one_before(hub: Hub) -> None:
    school = make_school(hub)
    lost = hub.write(make_enrolment_code, school=school.id)
    hub.write(make_enrolment_code, school=school.id)
    with pytest.raises(HubRefused) as refused:
        hub.link().enrol(school.login, lost, make_key())
    assert refused.value.code == "code_wrong"


def test_a_code_of_one_school_does_not_open_another(hub: Hub) -> None:
    make_school(hub, "sch330002")
    code = hub.write(make_enrolment_code, school=make_school(hub).id)
    with pytest.raises(HubRefused) as refused:
        hub.link().enrol("sch330002", code, make_key())
    assert refused.value.code == "code_wrong"


@pytest.mark.parametrize("spoil", [
    {"proof": "00" * 64}, {"proof": "no hex"}, {"keys": {}}, {"login": None}, {"code": "short"}, {"keys": "text"}])
def test_a_request_without_proof_is_refused(hub: Hub, spoil: dict[str, object]) -> None:
    school, key = make_school(hub), make_key()
    code = hub.write(make_enrolment_code, school=school.id)
    body = {"login": school.login, "code": code, "keys": key.describe_public(), "proof": "", **spoil}
    answer = hub.app.test_client().post("/v1/schools/enrol", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "bad_request"


def test_another_key_opens_no_session(hub: Hub) -> None:
    enrolled = enrol(hub)
    with pytest.raises(HubRefused) as refused:
        enrolled.link.open_session(make_key())
    assert refused.value.code == "unknown_school_key"


def test_a_challenge_is_good_for_a_minute(hub: Hub) -> None:
    enrolled, client = enrol(hub), hub.app.test_client()
    login = enrolled.school.login
    challenge = client.post("/v1/session", json={"login": login}).get_json()["challenge"]
    signature = enrolled.key.signing.sign(b"session1" + challenge.encode()).hex()
    hub.clock.advance(60_000)
    answer = client.post("/v1/session", json={"login": login, "challenge": challenge, "signature": signature})
    assert answer.status_code == 403


def test_a_session_is_renewed_by_itself_after_an_hour(hub: Hub) -> None:
    enrolled = enrol(hub)
    hub.clock.advance(3_600_000)
    assert enrolled.link.list_archives() == []


def test_a_hub_of_another_root_is_not_trusted(hub: Hub) -> None:
    school = make_school(hub)
    code = hub.write(make_enrolment_code, school=school.id)
    http = httpx.Client(transport=httpx.WSGITransport(app=hub.app))
    with pytest.raises(AnswerNotTrusted):
        HubLink(ADDRESS, "0" * 64, http=http).enrol(school.login, code, make_key())


def test_plain_http_is_only_for_this_machine() -> None:
    with pytest.raises(PlainHubRefused):
        HubLink("http://hub.example.org", "0" * 64)


def test_a_hub_that_is_away_is_said_so() -> None:
    with pytest.raises(HubAway):
        HubLink("http://127.0.0.1:9", "0" * 64).refresh_keys()


def test_the_school_key_opens_with_its_passphrase_alone() -> None:
    key = make_key()
    locked = lock_school_key(key, "восемь тихих слов")
    opened = unlock_school_key(locked, "восемь тихих слов")
    assert opened.describe_public() == key.describe_public()
    assert public_bytes(key.signing) not in locked
    with pytest.raises(WrongPassphrase):
        unlock_school_key(locked, "другой пароль")
    with pytest.raises(SchoolKeyDamaged):
        unlock_school_key(b"not an age file", "восемь тихих слов")


def test_the_authority_of_a_school_can_issue_leaves() -> None:
    key = make_key("Школа с очень длинным названием " * 5)
    assert b"BEGIN CERTIFICATE" in key.authority_cert_pem
    assert key_id_of(bytes.fromhex(key.describe_public()["signing"]))


@given(strategies.randoms(use_true_random=False))
def test_a_code_survives_being_read_from_paper(random: object) -> None:
    code = make_code(random.randrange)  # type: ignore[attr-defined]
    assert len(code) == CODE_LENGTH and set(code) <= set(CROCKFORD)
    sloppy = show_code(code).lower().replace("0", "o").replace("1", "l")
    assert read_code(f" {sloppy} ") == code


@pytest.mark.parametrize("typed", ["", "U" * 20, "0" * 19, "0" * 21, "кириллица"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(CodeWrong):
        read_code(typed)


def test_a_credential_file_is_read_back() -> None:
    made = Credentials("https://hub.example.org", "sch330001", "Школа № 1", "0" * 20, "a" * 64,
                       int(datetime(2026, 12, 1, tzinfo=UTC).timestamp() * 1000))
    assert read_credentials(write_credentials(made)) == made
    with pytest.raises(BadCredentials):
        read_credentials("{}")
