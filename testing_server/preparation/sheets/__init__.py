"""Sheets: what a school tells of a campaign (an application, a schedule, the answers of a questionnaire), all versions.

Takes checked content as JSON. Gives the newest of each, its history, and who has sent none.
"""
