"""The author's desk: items as candidates see them, key and criteria beside them, and the score of what is tried."""
from task_bank.desk.app import make_desk
from task_bank.desk.saving import save_pages
from task_bank.desk.serving import serve_desk

__all__ = ["make_desk", "save_pages", "serve_desk"]
