"""What the author's identifiers mean: takes an item, gives the text of every choice, for people who read answers."""
from task_bank.items.xml import local_name, parse_xml, read_text

LONGEST = 120


def list_choice_texts(xml: bytes, name: str) -> dict[str, str]:
    """Identifier of a choice, gap text or hot text → its words, at most LONGEST characters. Raises BrokenXml."""
    found: dict[str, str] = {}
    for node in parse_xml(xml, name).iter():
        identifier = node.get("identifier") if local_name(node).startswith("qti-") else None
        text = read_text(node) if identifier else ""
        if identifier and text and local_name(node) not in ("qti-assessment-item", "qti-response-declaration",
                                                            "qti-outcome-declaration"):
            found[identifier] = text if len(text) <= LONGEST else text[:LONGEST - 1].rstrip() + "…"
    return found


def name_value(value: str, texts: dict[str, str]) -> str:
    """An answer in words: an identifier by its text, a pair by both, what was typed as typed."""
    words = [texts.get(word) for word in value.split()]
    if not words or None in words:
        return value
    return " → ".join(word for word in words if word is not None)
