"""The refusal of a medium that cannot be read."""
from task_bank.items.xml import PackageError


class BrokenMedia(PackageError):
    """The bytes of a picture or sound are not of the type its name promises, or they are damaged."""
