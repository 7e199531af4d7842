"""The report that compares a campaign's variants: counted while they stream by, drawn as one page without a network."""
from task_bank.variants.reporting.page import write_report
from task_bank.variants.reporting.tally import Tally
from task_bank.variants.reporting.words import say_lack

__all__ = ["Tally", "say_lack", "write_report"]
