"""Which QTI a document is: takes its root, refuses whatever is not QTI 3 and says what it is."""
import re

from lxml import etree

from task_bank.items.xml import QTI, PackageError, local_name, namespace

_VERSION = re.compile(r"imsqti_(?:\w+_xml)?v(\d)p(\d)")
ADVICE = "only QTI 3.0 is read: convert it first, for example with qti-convert, and import the result"


class OldVersion(PackageError):
    """The document is of QTI 1 or 2."""


def check_root(root: etree._Element, file: str, name: str) -> None:
    """Raises OldVersion, or PackageError when the root is not `name` of QTI 3."""
    version = find_old_version(root)
    if version:
        raise OldVersion(file, f"is QTI {version}; {ADVICE}", root)
    if local_name(root) != name:
        raise PackageError(file, f"is not a QTI 3 {_say(name)}", root)
    if namespace(root) not in (QTI, None):
        raise PackageError(file, f"is in the namespace {namespace(root)}, expected {QTI}", root)


def find_old_version(root: etree._Element) -> str | None:
    """ "1.2", "2.1" … of a document or a manifest of an older QTI, None of any other document."""
    if local_name(root) == "questestinterop":
        return "1.2"
    spaces = [namespace(root) or "", *(node.get("type", "") for node in root.iter("{*}resource"))]
    for text in spaces:
        found = _VERSION.search(text)
        if found and found[1] in "12":
            return f"{found[1]}.{found[2]}"
    return None


def _say(name: str) -> str:
    return name.removeprefix("qti-").removeprefix("assessment-").replace("-", " ")
