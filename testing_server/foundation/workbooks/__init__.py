"""Excel workbooks in and out: tables people fill in and send back.

Takes bytes of an .xlsx and a list of columns. Gives rows and findings that name the cell in words; and the other way
round, the bytes of a workbook whose first sheet is its instruction.
"""
