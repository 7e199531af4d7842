"""Questionnaires: forms of questions that are data, filled by schools before or after the works.

Takes forms as JSON and what schools type or fill in Excel. Gives checked answers, and who has sent none.
"""
