"""From accepted packages to a signed protocol: what people must mark, their marks, the points that come of it.

Takes accepted attempts (exam_day) and opened criteria (preparation); gives protocols to outcomes.
"""
