"""Exports: workbooks of a territory, at once where it is small, else by a job for the person who asked.

Takes functions marked `@export` of the stages. Gives the workbook, or a page that follows its making; the file is
offered to nobody else and deleted after some days.
"""
from testing_server.preparation.exports.kinds import Asked, export

__all__ = ["Asked", "export"]
