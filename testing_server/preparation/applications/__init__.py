"""Applications: which works a school takes part in, how many candidates in which form, confirmed as the campaign says.

Takes what is typed on a page or filled in Excel. Gives the newest application of each school and who has sent none.
"""
