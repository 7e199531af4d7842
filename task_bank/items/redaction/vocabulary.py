"""What of QTI 3 and HTML may reach a candidate: allow-lists of elements, attributes and classes.

Whatever is not named here either is known to be for others (HIDDEN, dropped whole) or is refused.
"""
import re

FLOW = (
    "div p br hr em strong b i u s sub sup small span blockquote q cite abbr code pre address section "
    "article h1 h2 h3 h4 h5 h6 ul dl dt dd caption thead tbody tfoot tr figure figcaption "
    "header footer main nav ruby rb rt rp rtc bdi bdo kbd samp var dfn ins del aside mark wbr details summary"
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
    "colgroup": frozenset({"span"}),
    "details": frozenset({"open"}),
    "col": frozenset({"span"}),
    "img": frozenset({"src", "alt", "width", "height"}),
}

# Presentation MathML that browsers draw (MathML Core), and mfenced, which becomes plain rows. Texts for machines
# beside a formula (annotation, alttext) stay behind: they may name the answer.
_MATH_STYLE = "displaystyle scriptlevel mathcolor mathbackground mathsize mathvariant"
MATHML_ATTRIBUTES: dict[str, frozenset[str]] = {
    name: frozenset(f"{_MATH_STYLE} {own}".split())
    for name, own in {
        "math": "display", "semantics": "", "mrow": "", "mstyle": "", "merror": "", "mphantom": "",
        "mi": "", "mn": "", "mtext": "", "ms": "lquote rquote", "mspace": "width height depth",
        "mo": "form fence separator stretchy symmetric largeop movablelimits accent lspace rspace minsize maxsize",
        "mpadded": "width height depth lspace voffset", "mfenced": "open close separators",
        "mfrac": "linethickness bevelled numalign denomalign", "msqrt": "", "mroot": "",
        "msub": "", "msup": "", "msubsup": "", "mmultiscripts": "", "mprescripts": "", "none": "",
        "munder": "accentunder", "mover": "accent", "munderover": "accent accentunder",
        "mtable": "columnalign rowalign columnlines rowlines frame", "mtr": "columnalign rowalign",
        "mtd": "columnspan rowspan columnalign rowalign",
    }.items()
}

QTI_ATTRIBUTES: dict[str, frozenset[str]] = {
    "qti-item-body": frozenset(),
    "qti-stimulus-body": frozenset(),
    "qti-content-body": frozenset(),
    "qti-prompt": frozenset(),
    "qti-rubric-block": frozenset(),
    "qti-choice-interaction": frozenset(
        {"response-identifier", "max-choices", "min-choices", "shuffle", "orientation"}
    ),
    "qti-simple-choice": frozenset({"identifier", "fixed"}),
    "qti-inline-choice-interaction": frozenset({"response-identifier", "shuffle"}),
    "qti-inline-choice": frozenset({"identifier", "fixed"}),
    "qti-label": frozenset(),
    "qti-text-entry-interaction": frozenset({"response-identifier", "expected-length", "placeholder-text"}),
    "qti-extended-text-interaction": frozenset(
        {"response-identifier", "expected-length", "expected-lines", "placeholder-text", "max-strings",
         "min-strings", "format"}
    ),
    "qti-match-interaction": frozenset(
        {"response-identifier", "shuffle", "max-associations", "min-associations"}
    ),
    "qti-simple-match-set": frozenset(),
    "qti-simple-associable-choice": frozenset({"identifier", "match-max", "fixed"}),
    "qti-order-interaction": frozenset({"response-identifier", "orientation", "max-choices", "min-choices"}),
    "qti-gap-match-interaction": frozenset({"response-identifier", "max-associations", "min-associations"}),
    "qti-gap-text": frozenset({"identifier", "match-max", "fixed"}),
    "qti-gap": frozenset({"identifier"}),
    "qti-hottext-interaction": frozenset({"response-identifier", "max-choices", "min-choices"}),
    "qti-hottext": frozenset({"identifier"}),
    "qti-hotspot-interaction": frozenset({"response-identifier", "max-choices", "min-choices"}),
    "qti-hotspot-choice": frozenset({"identifier", "shape", "coords", "hotspot-label"}),
    "qti-select-point-interaction": frozenset({"response-identifier", "max-choices", "min-choices"}),
    "qti-graphic-order-interaction": frozenset({"response-identifier", "max-choices", "min-choices"}),
    "qti-graphic-associate-interaction": frozenset(
        {"response-identifier", "max-associations", "min-associations"}
    ),
    "qti-graphic-gap-match-interaction": frozenset(
        {"response-identifier", "max-associations", "min-associations"}
    ),
    "qti-associable-hotspot": frozenset({"identifier", "shape", "coords", "match-max", "hotspot-label"}),
    "qti-gap-img": frozenset({"identifier", "match-max"}),
    "qti-position-object-stage": frozenset(),
    "qti-position-object-interaction": frozenset(
        {"response-identifier", "max-choices", "min-choices", "center-point"}
    ),
    "object": frozenset({"data", "type", "width", "height"}),
    "picture": frozenset(),
    "qti-associate-interaction": frozenset(
        {"response-identifier", "shuffle", "max-associations", "min-associations"}
    ),
    "qti-slider-interaction": frozenset(
        {"response-identifier", "lower-bound", "upper-bound", "step", "step-label", "orientation", "reverse"}
    ),
    "qti-upload-interaction": frozenset({"response-identifier", "type"}),
    "qti-drawing-interaction": frozenset({"response-identifier"}),
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
    "qti-companion-materials-info qti-interaction-modules track annotation annotation-xml".split()
)

# What may stand beside the body of an item; all of it is for scoring or for other readers.
ITEM_CHILDREN = frozenset(
    "qti-response-declaration qti-outcome-declaration qti-item-body qti-response-processing "
    "qti-assessment-stimulus-ref qti-stimulus-body".split()
) | HIDDEN

SPEAKING_TYPE = "urn:testing-server:speaking"

# The shared vocabulary of QTI 3: names of looks, the same in every item bank.
_STANDARD_CLASS = re.compile(
    r"qti-(layout-(row|col([1-9]|1[0-2])|offset([1-9]|1[0-2]))"
    r"|align-(left|center|right|justify)|valign-(top|middle|bottom|baseline)|float-(left|right|none|clearfix)"
    r"|(margin|padding)(-[xytblrse])?-\d{1,2}|text-indent-\d{1,2}"
    r"|(width|height)-(\d{1,3}|1/[2-6]|full|auto)|fullwidth|bordered|well|shared-stimulus|visually-hidden"
    r"|display-(inline|inline-block|block|flex|inline-flex|grid|inline-grid)"
    r"|bold|italic|underline|line-through|small-caps|uppercase|nowrap"
    r"|(list-style(-type)?)-[a-z-]{1,24}"
    r"|(writing-mode|writing-orientation)-(horizontal-tb|vertical-(rl|lr))"
    r"|text-orientation-(mixed|upright|sideways)|text-combine-upright(-all)?"
    r"|choices-(top|bottom|left|right)|choices-stacking-[1-5]|orientation-(horizontal|vertical)"
    r"|labels-(none|decimal|lower-alpha|upper-alpha|cyrillic-lower-alpha|cyrillic-upper-alpha)"
    r"|labels-suffix-(none|period|parenthesis)|input-control-hidden|input-width-\d{1,2}|height-lines-\d{1,2}"
    r"|counter-(up|down)|match-tabular|header-hidden|unselected-hidden|selections-(light|dark))"
)
_OWN_CLASSES = frozenset(
    "passage source note example dialogue letter poster notice table-wide picture pictures columns caption "
    "instruction question text task hint lead sign message stimulus".split()
)


def keep_classes(value: str) -> str:
    """The class names of an attribute that carry only looks; others could name the answer."""
    names = [name for name in value.split() if name in _OWN_CLASSES or _STANDARD_CLASS.fullmatch(name)]
    return " ".join(names)
