"""Prints how right the judge is: `python -m tests.audio.verdicts [tuning | test | both] [wrong]`.

Limits are chosen on the tuning half alone; the test half only tells how well that went. `wrong` lists every clip that
was judged wrongly, with its measures. Some minutes of one core for each half; exit code 1 if an aim is missed.
"""

import sys
from collections.abc import Iterable

from tests.audio.verdicts.plan import list_recipes
from tests.audio.verdicts.scoring import RIGHT_PER_CENT, Score, count_score, describe_wrong, draw_table, judge_recipes

HALVES = ("tuning", "test")


def main(words: Iterable[str]) -> int:
    wanted = set(words)
    halves = [half for half in HALVES if half in wanted] or list(HALVES)
    scores = [show_half(half, "wrong" in wanted) for half in halves]
    return 0 if all(map(meets_aims, scores)) else 1


def show_half(half: str, tell_wrong: bool) -> Score:
    judged = list(judge_recipes(recipe for recipe in list_recipes() if recipe.half == half))
    score = count_score(judged)
    print(f"{half} half\n{draw_table(score)}\n", flush=True)
    if tell_wrong:
        print(describe_wrong(judged))
    return score


def meets_aims(score: Score) -> bool:
    return score.right_per_cent >= RIGHT_PER_CENT and not score.false_heard and not score.quiet_pauses


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
