"""How right the judge is: takes recipes, gives counts of what was so and what was said, and a table of them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from audio.speech_quality import Judgement, judge
from audio.verdicts import Verdict
from tests.audio.verdicts.clips import make_clip
from tests.audio.verdicts.recipe import Recipe, label

RIGHT_PER_CENT = 97.0


@dataclass(frozen=True)
class Judged:
    """One clip: what it is, and what the judge said of it."""

    recipe: Recipe
    truth: Verdict
    said: Judgement

    @property
    def is_right(self) -> bool:
        return self.said.verdict is self.truth


@dataclass(frozen=True)
class Score:
    """`counts` by (truth, said). `false_heard`: nobody spoke near the microphone, and it was called heard or clipped.
    `quiet_pauses`: good speech with pauses that was called too quiet."""

    counts: Counter[tuple[Verdict, Verdict]]
    false_heard: int
    quiet_pauses: int

    @property
    def right_per_cent(self) -> float:
        right = sum(count for (truth, said), count in self.counts.items() if truth is said)
        return 100 * right / max(1, self.counts.total())

    def count_truth(self, verdict: Verdict) -> int:
        return sum(count for (truth, _), count in self.counts.items() if truth is verdict)

    def count_said(self, verdict: Verdict) -> int:
        return sum(count for (_, said), count in self.counts.items() if said is verdict)


def judge_recipes(recipes: Iterable[Recipe]) -> Iterator[Judged]:
    """Each clip is made, judged and forgotten."""
    for recipe in recipes:
        clip = make_clip(recipe)
        yield Judged(recipe, label(recipe), judge(clip.samples, clip.rate, clip.usual_speech_db10, clip.device_matches))


def count_score(judged: Iterable[Judged]) -> Score:
    everything = list(judged)
    return Score(
        Counter((one.truth, one.said.verdict) for one in everything),
        sum(one.said.verdict.is_usable for one in everything if one.recipe.voice is None),
        sum(one.said.verdict is Verdict.too_quiet for one in everything if one.truth is Verdict.heard),
    )


def draw_table(score: Score) -> str:
    """A row for each true verdict, a column for each said one, precision and recall in per cent."""
    names = list(Verdict)
    lines = ["".join(f"{name:>13}" for name in ["is \\ said", *names, "clips", "recall"])]
    for truth in names:
        cells = [score.counts[truth, said] or "." for said in names]
        clips = score.count_truth(truth)
        recall = _show_share(score.counts[truth, truth], clips)
        lines.append("".join(f"{cell:>13}" for cell in [truth, *cells, clips, recall]))
    precisions = [_show_share(score.counts[name, name], score.count_said(name)) for name in names]
    lines.append("".join(f"{cell:>13}" for cell in ["precision", *precisions]))
    return "\n".join([*lines, *_list_aims(score)])


def describe_wrong(judged: Iterable[Judged]) -> str:
    """Every wrong verdict with the recipe and the measures it came from."""
    return "\n".join(f"{one.recipe.group}: {one.truth}, said {one.said.verdict}\n    {one.recipe}\n    {one.said}"
                     for one in judged if not one.is_right)


def _list_aims(score: Score) -> Iterator[str]:
    yield f"right: {score.right_per_cent:.1f} % of {score.counts.total()} (aim: {RIGHT_PER_CENT:.0f} %)"
    yield f"nobody spoke, called heard or clipped: {score.false_heard} (aim: 0)"
    yield f"good speech called too quiet: {score.quiet_pauses} (aim: 0)"


def _show_share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}" if total else "-"
