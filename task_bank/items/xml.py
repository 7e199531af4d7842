"""Safe reading of XML: takes bytes and a file name, gives an lxml tree without entities or network."""
import re

from lxml import etree

QTI = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
MATHML = "http://www.w3.org/1998/Math/MathML"
XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)


class PackageError(ValueError):
    """Something in a package is wrong. `file`, `line` and `element` say where, the message says what.

    `element` is a name, or the element itself: then its line is told as well.
    """

    def __init__(
        self, file: str, message: str, element: "str | etree._Element | None" = None, line: int | None = None
    ) -> None:
        self.file, self.message = file, message
        self.element, self.line = locate(element, line)
        super().__init__(f"{write_place(file, self.line, self.element)}: {message}")


class BrokenXml(PackageError):
    """The file is not well-formed XML, or declares a document type."""


def locate(element: "str | etree._Element | None", line: int | None = None) -> tuple[str | None, int | None]:
    """Name and line of an element; a name alone has no line."""
    if element is None or isinstance(element, str):
        return element, line
    # lxml gives 0 or None for an element that was never in a file
    return local_name(element) or None, line or element.sourceline or None


def write_place(file: str, line: int | None, element: str | None) -> str:
    """`file:line: <element>`, of what is known."""
    place = f"{file}:{line}" if line else file
    return f"{place}: <{element}>" if element else place


def parse_xml(data: bytes, file: str) -> etree._Element:
    """Parse one document. Raises BrokenXml; a DOCTYPE is refused because entities can read files."""
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        _refuse_type(data, file)
        message = _say_plainly(error) if data.strip() else "is empty"
        raise BrokenXml(file, message, line=error.lineno) from error
    if root.getroottree().docinfo.doctype:
        _refuse_type(data, file)
        raise BrokenXml(file, "a document type declaration is not allowed")
    return root


def _refuse_type(data: bytes, file: str) -> None:
    """Say what a file is rather than where its entities or its tags went wrong."""
    if _PAGE.match(data):
        raise BrokenXml(file, "is an HTML page, not XML")
    place = data.find(b"<!DOCTYPE")
    if place >= 0:
        line = data.count(b"\n", 0, place) + 1
        raise BrokenXml(file, "a document type declaration is not allowed", line=line)


def _say_plainly(error: etree.XMLSyntaxError) -> str:
    # the words differ between versions of libxml2, the codes do not
    known = {
        etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "is not XML",
        etree.ErrorTypes.ERR_UNDECLARED_ENTITY:
            "uses a named character that XML does not know, such as &nbsp;; write the character itself",
        etree.ErrorTypes.ERR_INVALID_CHAR: "holds characters that XML does not allow",
        etree.ErrorTypes.ERR_INVALID_ENCODING: "is not in the encoding it declares; save it as UTF-8",
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING: "is in an encoding that is not known",
    }
    if "XML_PARSE_HUGE" in str(error.msg):
        return "is nested too deeply, or holds a text too long, to be read safely"
    said = re.sub(r", line \d+, column \d+$", "", str(error.msg))
    return known.get(error.code, f"is not well-formed: {said}")


def local_name(node: etree._Element) -> str:
    """Name without namespace; "" for comments and processing instructions."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(node: etree._Element) -> str | None:
    """Namespace of an element, None without one or for comments."""
    tag = node.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else None


def find_all(root: etree._Element, name: str) -> list[etree._Element]:
    """Every descendant (and the root) with this local name, in document order, in any namespace."""
    return list(root.iter(f"{{*}}{name}"))


def find_first(root: etree._Element, name: str) -> etree._Element | None:
    """The first element with this local name, or None."""
    return next(root.iter(f"{{*}}{name}"), None)


def find_children(parent: etree._Element, name: str) -> list[etree._Element]:
    """Direct children with this local name."""
    return list(parent.iterchildren(f"{{*}}{name}"))


def read_text(node: etree._Element) -> str:
    """All text inside an element, spaces collapsed."""
    return " ".join("".join(str(part) for part in node.itertext()).split())
