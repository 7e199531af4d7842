"""A line is refused for a float wherever it stands: two machines may print one number differently."""
import pytest

from testing_server.contracts.events import Event, read_event, write_event
from testing_server.contracts.refusals import BadEvent

EVENT = Event(attempt="a", lease=1, number=1, kind="answer_set", at_ms=1, err_ms=1, mono_ms=1, boot_id="b",
              body={"item": "i", "response": "r", "value": "x"}, prev="p")


@pytest.mark.parametrize("value", [b"1.5", b"1e3", b"[0.0]", b'{"deep": [{"er": 2.5}]}'])
def test_a_line_with_a_float_is_refused(value: bytes) -> None:
    line = write_event(EVENT)
    assert read_event(line) == EVENT
    with pytest.raises(BadEvent, match="float"):
        read_event(line.replace(b'"value":"x"', b'"value":"x","more":' + value))


def test_an_event_with_a_float_is_not_written() -> None:
    with pytest.raises(BadEvent, match="float"):
        write_event(Event(**{**{name: getattr(EVENT, name) for name in EVENT.__struct_fields__},
                             "body": {**EVENT.body, "more": 1.5}}))
