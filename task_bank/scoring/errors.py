"""What scoring refuses: an error that names file, line, element and item."""
from lxml import etree

from task_bank.items.xml import locate, write_place


class ScoringError(ValueError):
    """An item or a test cannot be scored. `item`, `element`, `line`, `file` say where, `message` says what."""

    def __init__(
        self, item: str, element: "str | etree._Element", message: str, file: str | None = None,
        line: int | None = None,
    ) -> None:
        name, self.line = locate(element, line)
        self.item, self.element, self.message, self.file = item, name or "", message, file
        place = write_place(file or item, self.line, name)
        super().__init__(f"{place}: {message}" + (f" (item {item})" if file else ""))

    def __reduce__(self) -> tuple[type["ScoringError"], tuple[object, ...]]:
        """Errors cross from one process to another when many are at work."""
        return type(self), (self.item, self.element, self.message, self.file, self.line)
