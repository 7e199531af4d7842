"""Result forms: a school's points of one work, by code, task and criterion, filled in Excel or sent from marking.

Takes workbooks and signed protocols. Gives versions of a school's form, findings by cell, and who has not handed in.
"""
