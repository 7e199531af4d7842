"""From a candidate's opaque identifiers back to the author's: takes a variant's key and responses, gives responses
that the item's own response processing understands."""
from collections.abc import Mapping
from typing import Any

from task_bank.items.context import read_declarations
from task_bank.items.xml import parse_xml

Value = str | list[str] | None
# Only these hold names of choices; words typed by a candidate must never be mapped.
NAMED_TYPES = frozenset({"identifier", "pair", "directedPair"})


def restore_responses(xml: bytes, key: Mapping[str, Any], responses: Mapping[str, Value]) -> dict[str, Value]:
    """Responses by the author's response identifiers, values with the author's choice identifiers.

    `key`: one entry of keys/<number>.json "items"; `responses`: opaque response id → value. A name that the key does
    not know stays as it is: it then simply matches nothing.
    """
    types = {name: base_type for name, (_, base_type) in read_declarations(parse_xml(xml, key["item"])).items()}
    restored: dict[str, Value] = {}
    for opaque, value in responses.items():
        original = key["responses"].get(opaque, opaque)
        named = types.get(original) in NAMED_TYPES
        restored[original] = _restore_value(value, key["identifiers"]) if named else value
    return restored


def _restore_value(value: Value, names: Mapping[str, str]) -> Value:
    if isinstance(value, list):
        return [_restore_words(one, names) for one in value]
    return None if value is None else _restore_words(value, names)


def _restore_words(value: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(word, word) for word in value.split(" "))
