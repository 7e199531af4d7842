"""Drawings as they may leave: takes an SVG as an editor saved it, gives what is seen of it and nothing else.

By allow-list of elements, attributes, style properties and fonts. Names (ids, classes) that the drawing itself
needs are replaced by numbers; what names something for people, programs or scripts is left out.
"""
import base64
import binascii
import re
from functools import lru_cache

from lxml import etree

from task_bank.items.media.tags import strip_tags
from task_bank.items.media.errors import BrokenMedia
from task_bank.items.xml import parse_xml

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
ELEMENTS = frozenset(
    "svg g a defs symbol use path rect circle ellipse line polyline polygon text tspan textPath image style switch "
    "linearGradient radialGradient stop pattern clipPath mask marker filter feBlend feColorMatrix "
    "feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight "
    "feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset "
    "fePointLight feSpecularLighting feSpotLight feTile feTurbulence".split()
)
# How it looks: presentation attributes, which may also stand in a style.
LOOKS = frozenset(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray "
    "stroke-dashoffset stroke-miterlimit opacity color display visibility transform font-family font-size font-style "
    "font-weight font-variant font-stretch text-anchor text-decoration letter-spacing word-spacing writing-mode "
    "direction unicode-bidi dominant-baseline alignment-baseline baseline-shift paint-order vector-effect "
    "clip-path clip-rule mask filter marker marker-start marker-mid marker-end stop-color stop-opacity "
    "flood-color flood-opacity lighting-color mix-blend-mode isolation shape-rendering text-rendering "
    "image-rendering overflow line-height".split()
)
GEOMETRY = frozenset(
    "x y z x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy d points width height viewBox preserveAspectRatio rotate "
    "textLength lengthAdjust startOffset method spacing side pathLength offset gradientUnits gradientTransform "
    "spreadMethod patternUnits patternContentUnits patternTransform clipPathUnits maskUnits maskContentUnits "
    "filterUnits primitiveUnits markerUnits markerWidth markerHeight refX refY orient in in2 mode type values "
    "operator k1 k2 k3 k4 stdDeviation edgeMode order kernelMatrix divisor bias targetX targetY preserveAlpha "
    "surfaceScale diffuseConstant specularConstant specularExponent kernelUnitLength azimuth elevation pointsAtX "
    "pointsAtY pointsAtZ limitingConeAngle scale xChannelSelector yChannelSelector radius baseFrequency "
    "numOctaves seed stitchTiles tableValues slope intercept amplitude exponent version".split()
)
FONTS = frozenset(
    "arial,helvetica,verdana,tahoma,georgia,times,times new roman,courier,courier new,dejavu sans,dejavu serif,"
    "dejavu sans mono,liberation sans,liberation serif,noto sans,noto serif,pt sans,pt serif,roboto,open sans,"
    "segoe ui,system-ui,sans-serif,serif,monospace,cursive,fantasy".split(",")
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]*)\{([^{}]*)\}")
_NAME = re.compile(r"([.#])([A-Za-z_][\w-]*)")
_ADDRESS = re.compile(r"""url\(\s*["']?(#?)([^)"']*)["']?\s*\)""")
_PLAIN = re.compile(r"[\w\s.,%#()/+*-]*")
_PICTURE = re.compile(r"data:(image/(?:png|jpeg|gif|webp));base64,")


@lru_cache(maxsize=64)
def clean_svg(data: bytes, file: str) -> bytes:
    """The SVG without comments, scripts, hidden texts, names, editor's data and addresses outside itself.

    Raises BrokenXml, BrokenMedia (a damaged picture inside it).
    """
    root = parse_xml(data, file)
    for node in list(root.iter()):
        if node is not root and not _is_drawing(node):
            _remove(node)
    names = Names(root)
    for node in root.iter():
        _clean_element(node, names)
    etree.cleanup_namespaces(root)
    return etree.tostring(root)


class Names:
    """Numbers in place of ids and classes; only those something refers to have one."""

    def __init__(self, root: etree._Element) -> None:
        written = [str(value) for node in root.iter() for value in node.attrib.values()]
        styles = [_COMMENT.sub("", node.text or "") for node in root.iter(f"{{{SVG}}}style")]
        selectors = [name for style in styles for head, _ in _RULE.findall(style) for name in _NAME.findall(head)]
        used = {place for text in [*written, *styles] for mark, place in _ADDRESS.findall(text) if mark}
        used |= {text[1:] for text in written if text.startswith("#")}
        used |= {name for mark, name in selectors if mark == "#"}
        present = [str(node.get("id")) for node in root.iter() if node.get("id")]
        self.ids = {name: f"n{number}" for number, name in enumerate(dict.fromkeys(present)) if name in used}
        classes = [name for mark, name in selectors if mark == "."]
        self.classes = {name: f"k{number}" for number, name in enumerate(dict.fromkeys(classes))}

    def point(self, text: str) -> str:
        """A value with its addresses inside the drawing renamed, others empty."""
        return _ADDRESS.sub(lambda found: f"url(#{self.ids.get(found[2], '')})" if found[1] else "none", text)


def _is_drawing(node: etree._Element) -> bool:
    if not isinstance(node.tag, str):
        return False
    name = etree.QName(node)
    return name.namespace == SVG and name.localname in ELEMENTS


def _clean_element(node: etree._Element, names: Names) -> None:
    kept = {}
    for name, value in node.attrib.items():
        clean = _clean_attribute(str(name), str(value), names)
        if clean:
            kept[str(name)] = clean
    node.attrib.clear()
    node.attrib.update(kept)
    if etree.QName(node).localname == "style":
        node.text = _clean_style(node.text or "", names)


def _clean_attribute(name: str, value: str, names: Names) -> str | None:
    if name == "id":
        return names.ids.get(value)
    if name == "class":
        return " ".join(names.classes[one] for one in value.split() if one in names.classes)
    if name in ("href", XLINK_HREF):
        return _clean_address(value, names)
    if name == "style":
        return _clean_declarations(value, names)
    if name in LOOKS:
        return _clean_look(name, value, names)
    return value if name in GEOMETRY else None


def _clean_address(value: str, names: Names) -> str | None:
    if value.startswith("#"):
        return "#" + names.ids[value[1:]] if value[1:] in names.ids else None
    found = _PICTURE.match(value)
    return _clean_picture(found[1], value[found.end():]) if found else None


def _clean_picture(kind: str, packed: str) -> str:
    """A picture inside the drawing has texts of its own."""
    try:
        bare = strip_tags(base64.b64decode(packed), kind, "picture inside a drawing")
    except binascii.Error as error:
        raise BrokenMedia("picture inside a drawing", "is not base64") from error
    return f"data:{kind};base64,{base64.b64encode(bare).decode()}"


def _clean_look(name: str, value: str, names: Names) -> str | None:
    if name == "font-family":
        fonts = [font.strip().strip("\"'") for font in value.split(",")]
        return ", ".join(font for font in fonts if font.lower() in FONTS) or "sans-serif"
    return names.point(value) if _PLAIN.fullmatch(_ADDRESS.sub("", value)) else None


def _clean_declarations(text: str, names: Names) -> str:
    kept = []
    for declaration in _COMMENT.sub("", text).split(";"):
        name, _, value = declaration.partition(":")
        clean = _clean_look(name.strip(), value.strip(), names) if name.strip() in LOOKS else None
        if clean:
            kept.append(f"{name.strip()}:{clean}")
    return ";".join(kept)


def _clean_style(text: str, names: Names) -> str:
    """Plain rules whose selectors speak of elements, ids and classes of this drawing."""
    kept = []
    for head, body in _RULE.findall(_COMMENT.sub("", text)):
        words = re.findall(r"[\w-]+", _NAME.sub("", head))
        if "@" not in head and all(word in ELEMENTS for word in words):
            kept.append(f"{_NAME.sub(lambda found: _rename(found, names), head).strip()}"
                        f"{{{_clean_declarations(body, names)}}}")
    return "\n".join(kept)


def _rename(found: re.Match[str], names: Names) -> str:
    known = names.ids if found[1] == "#" else names.classes
    return found[1] + known.get(found[2], "none")


def _remove(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is None:
        return
    previous = node.getprevious()
    if node.tail and previous is not None:
        previous.tail = (previous.tail or "") + node.tail
    elif node.tail:
        parent.text = (parent.text or "") + node.tail
    parent.remove(node)
