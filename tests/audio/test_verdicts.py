"""The judge on sixty clips of the labelled set's tuning half, the rules that make labels, and the set itself.

The whole set is judged by `make verdicts`.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from audio.judgement import Judgement
from audio.verdicts import Verdict
from tests.audio.verdicts.clips import make_clip
from tests.audio.verdicts.labels import LABELS, list_labels
from tests.audio.verdicts.noises import KINDS, SPEECH_BAND, TONAL, keep_band, make_noise
from tests.audio.verdicts.plan import GROUPS, list_recipes
from tests.audio.verdicts.recipe import Device, Noise, Recipe, Voice, is_doubtful, label
from tests.audio.verdicts.scoring import (
    RIGHT_PER_CENT, Judged, Score, count_score, describe_wrong, draw_table, judge_recipes)
from tests.audio.verdicts.voices import find_spoken, measure_loudest_db, speak

CLIPS = 60
VOICE = Voice("en", ("Yes.",), -24.0)
NEAR = Recipe("example", 1, voice=VOICE, noises=(Noise("white", -70.0),), usual_db=-24.0)


@pytest.fixture(scope="module")
def some_judged() -> list[Judged]:
    tuning = sorted((recipe for recipe in list_recipes() if recipe.half == "tuning"), key=lambda one: one.name)
    return list(judge_recipes(tuning[:CLIPS]))


def test_verdicts_are_right(some_judged: list[Judged]) -> None:
    score = count_score(some_judged)
    assert score.counts.total() == CLIPS
    assert score.right_per_cent >= RIGHT_PER_CENT, describe_wrong(some_judged)


def test_no_silence_is_called_heard(some_judged: list[Judged]) -> None:
    assert count_score(some_judged).false_heard == 0, describe_wrong(some_judged)


def test_pauses_are_never_called_too_quiet(some_judged: list[Judged]) -> None:
    assert count_score(some_judged).quiet_pauses == 0, describe_wrong(some_judged)


@pytest.mark.parametrize("recipe, expected", [
    (NEAR, Verdict.heard),
    (replace(NEAR, voice=replace(VOICE, level_db=-44.0)), Verdict.too_quiet),
    (replace(NEAR, noises=(Noise("fan", -30.0),)), Verdict.noisy),
    (replace(NEAR, overdriven_per_mille=20.0), Verdict.clipped),
    (replace(NEAR, neighbour=replace(VOICE, level_db=-20.0)), Verdict.neighbour),
    (replace(NEAR, neighbour=replace(VOICE, level_db=-50.0)), Verdict.heard),
    (replace(NEAR, voice=None), Verdict.silent),
    (replace(NEAR, voice=None, neighbour=replace(VOICE, level_db=-50.0)), Verdict.neighbour),
    (replace(NEAR, voice=None, neighbour=replace(VOICE, level_db=-70.0)), Verdict.silent),
    (replace(NEAR, voice=None, noises=(Noise("fan", -30.0),)), Verdict.noisy),
    (replace(NEAR, voice=None, noises=(Noise("keyboard", -30.0),)), Verdict.silent),
    (replace(NEAR, device=Device.zero), Verdict.wrong_device),
    (replace(NEAR, device=Device.gated), Verdict.heard),
    (replace(NEAR, device=Device.none), Verdict.no_data),
])
def test_label_follows_from_the_recipe(recipe: Recipe, expected: Verdict) -> None:
    assert label(recipe) is expected and not is_doubtful(recipe)


@pytest.mark.parametrize("recipe", [
    replace(NEAR, voice=replace(VOICE, level_db=-41.0)),
    replace(NEAR, noises=(Noise("fan", -34.0),)),
    replace(NEAR, overdriven_per_mille=2.0),
    replace(NEAR, neighbour=replace(VOICE, level_db=-30.0)),
    replace(NEAR, voice=None, neighbour=replace(VOICE, level_db=-63.0)),
])
def test_recipe_near_a_limit_is_doubtful(recipe: Recipe) -> None:
    assert is_doubtful(recipe)


def test_labels_are_those_written_down() -> None:
    assert LABELS.read_text(encoding="utf-8").splitlines() == list(list_labels())


def test_set_is_large_and_whole() -> None:
    recipes = list_recipes()
    halves = Counter((label(recipe), recipe.half) for recipe in recipes)
    assert len(recipes) >= 400 and len({recipe.name for recipe in recipes}) == len(recipes)
    assert {recipe.group for recipe in recipes} == set(GROUPS)
    assert all(halves[verdict, half] >= 3 for verdict in Verdict for half in ("tuning", "test"))
    spoken = {recipe.voice.speaker[:2] for recipe in recipes if recipe.voice}
    assert spoken >= {"ru", "en", "de", "fr"}


def test_same_recipe_gives_the_same_samples() -> None:
    recipe = replace(NEAR, noises=(Noise("keyboard", -40.0),), pops=2, rate=44100)
    assert np.array_equal(make_clip(recipe).samples, make_clip(recipe).samples)
    assert not np.array_equal(make_clip(recipe).samples, make_clip(replace(recipe, seed=2)).samples)


def test_voice_has_the_level_of_its_recipe() -> None:
    clip = make_clip(replace(NEAR, noises=(), rate=24000, before_s=0.0, after_s=0.0, seconds=0.1))
    assert abs(measure_loudest_db(clip.samples / 32768) + 24) < 0.5


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_noise_has_the_level_it_is_said_to_have(kind: str) -> None:
    noise = make_noise(kind, 48000, np.random.default_rng(1))
    measured = noise if kind in TONAL else keep_band(noise, *SPEECH_BAND)
    assert abs(np.sqrt(np.mean(measured ** 2)) - 1) < 0.01


@pytest.mark.parametrize("overdrive", ["hard", "soft"])
def test_wanted_share_of_speech_is_overdriven(overdrive: str) -> None:
    recipe = next(one for one in list_recipes() if one.overdrive == overdrive and one.group == "clipped")
    assert recipe.voice is not None
    samples = make_clip(replace(recipe, rate=24000, noises=())).samples / 32767
    spoken = np.abs(samples[find_spoken(samples)])
    ceiling = 1.0 if overdrive == "hard" else 0.5 * np.tanh(1.0)
    assert abs(np.mean(spoken >= ceiling - 1e-3) * 1000 - recipe.overdriven_per_mille) < 2


def test_clean_voice_holds_the_sentences_and_pauses() -> None:
    one, both = speak(VOICE, 1.0), speak(replace(VOICE, sentences=("Yes.", "Yes.")), 1.0)
    assert abs(len(both) - 2 * len(one) - 24000) < 2400


def test_score_counts_what_matters() -> None:
    silent = replace(NEAR, voice=None)
    heard, quiet = Verdict.heard, Verdict.too_quiet
    judged = [_say(NEAR, heard), _say(NEAR, quiet), _say(silent, heard), _say(silent, Verdict.silent)]
    score = count_score(judged)
    assert (score.right_per_cent, score.false_heard, score.quiet_pauses) == (50.0, 1, 1)
    assert "right: 50.0 % of 4" in draw_table(score)


def test_score_of_nothing_is_no_success() -> None:
    assert Score(Counter(), 0, 0).right_per_cent == 0


def _say(recipe: Recipe, verdict: Verdict) -> Judged:
    return Judged(recipe, label(recipe), Judgement(verdict=verdict))
