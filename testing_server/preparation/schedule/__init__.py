"""Schedules: on which days a school holds which work, and reserve days outside the period by a coordinator's word.

Takes what is typed on a page or filled in Excel. Gives each school's days and who has named none.
"""
