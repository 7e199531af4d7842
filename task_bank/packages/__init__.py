"""Content packages in and out: packages of any maker are judged, kept in a bank, opened as a work, exported."""
from task_bank.packages.bank import ImportReport
from task_bank.packages.exporting import UnknownItem, export_package
from task_bank.packages.importing import Imported, Wishes, import_package
from task_bank.packages.opening import NoAssessment, Opened, open_for_view, open_package
from task_bank.packages.survey import Clones

__all__ = [
    "Clones",
    "ImportReport",
    "Imported",
    "NoAssessment",
    "Opened",
    "UnknownItem",
    "Wishes",
    "export_package",
    "import_package",
    "open_for_view",
    "open_package",
]
