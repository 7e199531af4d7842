"""Formulas: takes redacted MathML, gives MathML that browsers draw as its author meant.

MathML Core knows neither `mfenced` nor most values of `mathvariant`: fences become plain rows, and letters of
another alphabet (ℝ, 𝒜, 𝔤) become the characters that Unicode has for them.
"""
from lxml import etree

from task_bank.items.rendering.context import RenderContext, Renderer, append, copy_common, keep_attributes, make
from task_bank.items.redaction.vocabulary import MATHML_ATTRIBUTES
from task_bank.items.xml import local_name

# Where the alphabets begin: capital A, small a, digit 0 (Unicode, Mathematical Alphanumeric Symbols).
ALPHABETS = {
    "double-struck": (0x1D538, 0x1D552, 0x1D7D8),
    "script": (0x1D49C, 0x1D4B6, None),
    "bold-script": (0x1D4D0, 0x1D4EA, None),
    "fraktur": (0x1D504, 0x1D51E, None),
    "bold-fraktur": (0x1D56C, 0x1D586, None),
    "monospace": (0x1D670, 0x1D68A, 0x1D7F6),
}
# Letters that Unicode had before the alphabets stand elsewhere.
ELDER = {
    "double-struck": dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True)),
    "script": dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True)),
    "fraktur": dict(zip("CHIRZ", "ℭℌℑℜℨ", strict=True)),
}


def render_mathematics(node: etree._Element, context: RenderContext, render_child: Renderer) -> etree._Element:
    """One MathML element; `render_child` renders what is in it."""
    name = local_name(node)
    if name == "mfenced":
        return _render_fenced(node, context, render_child)
    drawn = make(name, keep_attributes(node, MATHML_ATTRIBUTES))
    copy_common(node, drawn)
    alphabet = node.get("mathvariant", "")
    drawn.text = write_letters(node.text or "", alphabet) if alphabet in ALPHABETS else node.text
    for child in node:
        append(drawn, render_child(child, context))
        append(drawn, child.tail or "")
    if name == "mtable":
        _spread_columns(drawn)
    return drawn


def write_letters(text: str, alphabet: str) -> str:
    """Latin letters and digits in an alphabet of `mathvariant`; other characters stay."""
    return "".join(_write_letter(letter, alphabet) for letter in text)


def _write_letter(letter: str, alphabet: str) -> str:
    known = ELDER.get(alphabet, {}).get(letter)
    if known:
        return known
    for first, begin in zip("Aa0", ALPHABETS[alphabet], strict=True):
        place = ord(letter) - ord(first)
        if begin is not None and 0 <= place < (10 if first == "0" else 26):
            return chr(begin + place)
    return letter


def _render_fenced(node: etree._Element, context: RenderContext, render_child: Renderer) -> etree._Element:
    """(a, b) written out: MathML 3 §3.3.8 says which row an `mfenced` means."""
    separators = "".join(node.get("separators", ",").split())
    inside = make("mrow")
    for place, child in enumerate(node):
        if place and separators:
            inside.append(make("mo", {"separator": "true"}, separators[min(place, len(separators)) - 1]))
        inside.append(render_child(child, context))
    before = make("mo", {"fence": "true"}, node.get("open", "("))
    after = make("mo", {"fence": "true"}, node.get("close", ")"))
    return make("mrow", {}, before, inside, after)


def _spread_columns(table: etree._Element) -> None:
    """Alignment and lines of columns, written at the table for all rows, go to each cell: browsers look there."""
    for attribute in ("columnalign", "columnlines"):
        values = (table.attrib.pop(attribute, None) or "").split()
        for row in table.iter("mtr") if values else ():
            for place, cell in enumerate(row):
                if attribute == "columnalign" or place < len(row) - 1:
                    cell.set(f"data-{attribute}", values[min(place, len(values) - 1)])
