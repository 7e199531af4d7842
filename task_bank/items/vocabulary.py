"""What of QTI 3 and HTML may reach a candidate: allow-lists of elements, attributes and classes.

Whatever is not named here either is known to be for others (HIDDEN, dropped whole) or is refused.
"""
import re

FLOW = (
    "div p br hr em strong b i u s sub sup small span blockquote q cite abbr code pre address section "
    "article h1 h2 h3 h4 h5 h6 ul dl dt dd caption thead tbody tfoot tr colgroup figure figcaption "
    "header footer main ruby rb rt rp bdi bdo kbd samp var dfn ins del aside"
).split()

# Texts that help people who do not see the screen; attributes that name people, files or styles are not here.
COMMON_ATTRIBUTES = frozenset({"lang", "dir", "class"})

HTML_ATTRIBUTES: dict[str, frozenset[str]] = {
    **{name: frozenset() for name in FLOW},
    "div": frozenset({"data-stimulus-idref"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "li": frozenset({"value"}),
    "table": frozenset(),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "td": frozenset({"colspan", "rowspan"}),
    "col": frozenset({"span"}),
    "img": frozenset({"src", "alt", "width", "height"}),
}

MATHML_ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset({"display", "mathvariant"})
    for name in (
        "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded msub msup msubsup munder mover "
        "munderover mtable mtr mtd"
    ).split()
}

QTI_ATTRIBUTES: dict[str, frozenset[str]] = {
    "qti-item-body": frozenset(),
    "qti-stimulus-body": frozenset(),
    "qti-content-body": frozenset(),
    "qti-prompt": frozenset(),
    "qti-rubric-block": frozenset(),
    "qti-choice-interaction": frozenset({"response-identifier", "max-choices", "min-choices", "shuffle"}),
    "qti-simple-choice": frozenset({"identifier", "fixed"}),
    "qti-inline-choice-interaction": frozenset({"response-identifier", "shuffle"}),
    "qti-inline-choice": frozenset({"identifier", "fixed"}),
    "qti-text-entry-interaction": frozenset({"response-identifier", "expected-length", "placeholder-text"}),
    "qti-extended-text-interaction": frozenset(
        {"response-identifier", "expected-length", "expected-lines", "placeholder-text"}
    ),
    "qti-match-interaction": frozenset({"response-identifier", "shuffle", "max-associations"}),
    "qti-simple-match-set": frozenset(),
    "qti-simple-associable-choice": frozenset({"identifier", "match-max", "fixed"}),
    "qti-order-interaction": frozenset({"response-identifier"}),
    "qti-gap-match-interaction": frozenset({"response-identifier"}),
    "qti-gap-text": frozenset({"identifier", "match-max", "fixed"}),
    "qti-gap": frozenset({"identifier"}),
    "qti-hottext-interaction": frozenset({"response-identifier", "max-choices", "min-choices"}),
    "qti-hottext": frozenset({"identifier"}),
    "qti-media-interaction": frozenset({"response-identifier"}),
    "audio": frozenset({"src"}),
    "source": frozenset({"src"}),
    "qti-portable-custom-interaction": frozenset(
        {"response-identifier", "custom-interaction-type-identifier"}
    ),
    "qti-interaction-markup": frozenset(),
}

# Dropped with everything inside: keys, rules, feedback, words for markers, transcripts, styles.
HIDDEN = frozenset(
    "qti-feedback-block qti-feedback-inline qti-modal-feedback qti-stylesheet qti-catalog-info "
    "qti-companion-materials-info qti-interaction-modules track".split()
)

# What may stand beside the body of an item; all of it is for scoring or for other readers.
ITEM_CHILDREN = frozenset(
    "qti-response-declaration qti-outcome-declaration qti-item-body qti-response-processing "
    "qti-assessment-stimulus-ref qti-stimulus-body".split()
) | HIDDEN

SPEAKING_TYPE = "urn:testing-server:speaking"

_STANDARD_CLASS = re.compile(
    r"qti-(layout-(row|col([1-9]|1[0-2])|offset([1-9]|1[0-2]))|align-(left|center|right)"
    r"|choices-(top|bottom|left|right)|choices-stacking-[1-5]|orientation-(horizontal|vertical)"
    r"|labels-(none|decimal|lower-alpha|upper-alpha)|labels-suffix-(none|period|parenthesis)"
    r"|input-width-\d{1,2}|height-lines-\d{1,2}|match-tabular|shared-stimulus|bordered|italic|underline|well|fullwidth"
    r"|hide|list-style-[a-z-]{1,20})"
)
_OWN_CLASSES = frozenset(
    "passage source note example dialogue letter poster notice table-wide picture pictures columns caption "
    "instruction question text task hint lead sign message stimulus".split()
)


def keep_classes(value: str) -> str:
    """The class names of an attribute that carry only looks; others could name the answer."""
    names = [name for name in value.split() if name in _OWN_CLASSES or _STANDARD_CLASS.fullmatch(name)]
    return " ".join(names)
