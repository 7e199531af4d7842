"""Which clips there are: recipes by group, drawn by chance with a seed; doubtful ones are drawn again."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from random import Random

from tests.audio.verdicts.recipe import Device, Noise, Overdrive, Recipe, Voice, is_doubtful
from tests.audio.verdicts.texts import SENTENCES, SHORT, TALKS, VARIANTS

SEED = "verdicts/1"
RATES = (16000, 24000, 24000, 24000, 44100, 48000)
STEADY = ("white", "pink", "fan", "buzz", "rectifier")
TALK_SHARE = 0.25

Draw = Callable[[Random], Recipe]


@lru_cache(maxsize=1)
def list_recipes() -> tuple[Recipe, ...]:
    """All of them, in the same order on every machine."""
    return tuple(recipe for group, (count, draw) in GROUPS.items() for recipe in _draw_group(group, count, draw))


def _draw_group(group: str, count: int, draw: Draw) -> Iterator[Recipe]:
    chance = Random(f"{SEED}/{group}")
    drawn = 0
    while drawn < count:
        recipe = draw(chance)
        if not is_doubtful(recipe):
            drawn += 1
            yield recipe


def draw_voice(chance: Random, low_db: float, high_db: float, distance: tuple[float, float] = (0.03, 0.3),
               sentences: int = 2) -> Voice:
    """A voice of any language, of a person-like dialogue in a quarter of cases."""
    language = chance.choice(tuple(SENTENCES))
    level, metres = round(chance.uniform(low_db, high_db), 1), round(chance.uniform(*distance), 2)
    if language in TALKS and chance.random() < TALK_SHARE:
        talk = f"talk:{chance.choice(TALKS[language])}/listening-0{chance.randint(1, 4)}@{chance.randint(2, 20)}"
        return Voice(talk, (), level, metres)
    said = tuple(chance.sample(SENTENCES[language], sentences))
    return Voice(language + chance.choice(VARIANTS), said, level, metres, chance.randrange(110, 210, 10),
                 chance.randrange(30, 80, 5))


def draw_short_voice(chance: Random, low_db: float, high_db: float) -> Voice:
    language = chance.choice(tuple(SHORT))
    return Voice(language + chance.choice(VARIANTS), (chance.choice(SHORT[language]),),
                 round(chance.uniform(low_db, high_db), 1), 0.06, chance.randrange(120, 190, 10))


def draw_recipe(chance: Random, group: str, voice: Voice | None, **more: object) -> Recipe:
    """The rest by chance: rate, the microphone's own noise, how loud this candidate spoke at the sound check."""
    noises = more.pop("noises", ())
    assert isinstance(noises, tuple)
    own_noise = Noise("white", round(chance.uniform(-84, -66), 1))
    usual = chance.uniform(-30, -16) if voice is None else max(voice.level_db, -38) + chance.uniform(-5, 5)
    facts = {"usual_db": round(usual, 1), "rate": chance.choice(RATES), **more}
    return Recipe(group, chance.randrange(1 << 30), voice=voice, noises=(own_noise, *noises), **facts)  # type: ignore


def draw_plain(chance: Random) -> Recipe:
    return draw_recipe(chance, "plain", draw_voice(chance, -38, -12))


def draw_pauses(chance: Random) -> Recipe:
    places = [chance.choice((0.3, 2, 8, 20)) for _ in range(3)]
    return draw_recipe(chance, "pauses", draw_voice(chance, -39, -14), before_s=places[0], after_s=places[1],
                       between_s=places[2] / 2, noises=(Noise("pink", round(chance.uniform(-75, -60), 1)),))


def draw_short(chance: Random) -> Recipe:
    return draw_recipe(chance, "short", draw_short_voice(chance, -36, -14), before_s=chance.choice((0.3, 1, 4, 20)),
                       after_s=chance.choice((0.3, 1, 4, 30)))


def draw_in_noise(chance: Random) -> Recipe:
    voice = draw_voice(chance, -32, -14)
    kind = chance.choice((*STEADY, "babble", "street"))
    noise = Noise(kind, round(voice.level_db - chance.uniform(14, 30), 1))
    return draw_recipe(chance, "in noise", voice, noises=(noise,))


def draw_knocks(chance: Random) -> Recipe:
    voice = draw_voice(chance, -32, -14)
    kind = chance.choice(("keyboard", "rustle", "breath"))
    return draw_recipe(chance, "knocks", voice, pops=chance.randint(0, 6),
                       noises=(Noise(kind, round(voice.level_db - chance.uniform(15, 30), 1)),))


def draw_offset(chance: Random) -> Recipe:
    voice = draw_voice(chance, -32, -14)
    hum = Noise("hum", round(voice.level_db - chance.uniform(14, 26), 1))
    return draw_recipe(chance, "offset and hum", voice, noises=chance.choice(((hum,), (), (hum,))),
                       offset=round(chance.choice((-1, 1)) * chance.uniform(0.01, 0.12), 3))


def draw_dropouts(chance: Random) -> Recipe:
    return draw_recipe(chance, "dropouts", draw_voice(chance, -32, -14), dropouts=chance.randint(1, 5))


def draw_gated(chance: Random) -> Recipe:
    return draw_recipe(chance, "gated", draw_voice(chance, -28, -14), device=Device.gated,
                       before_s=chance.choice((0.3, 3.0)), between_s=chance.choice((0.5, 4.0)),
                       after_s=chance.choice((0.5, 5.0, 10.0)))


def draw_quiet_neighbour(chance: Random) -> Recipe:
    voice = draw_voice(chance, -30, -14)
    other = draw_voice(chance, voice.level_db - 32, voice.level_db - 14, (1.2, 4))
    return draw_recipe(chance, "quiet neighbour", voice, neighbour=other, after_s=chance.choice((0.5, 3)))


def draw_softer(chance: Random) -> Recipe:
    """The same candidate, much softer than at the sound check, and loud enough."""
    voice = draw_voice(chance, -39, -32, (0.05, 0.3))
    return draw_recipe(chance, "softer than usual", voice, usual_db=round(voice.level_db + chance.uniform(10, 20), 1))


def draw_part(chance: Random) -> Recipe:
    """At most two seconds, as they travel while the candidate speaks."""
    voice = draw_short_voice(chance, -36, -14)
    return draw_recipe(chance, "part", voice, before_s=0.1, after_s=0.1, seconds=0.5)


def draw_silent_part(chance: Random) -> Recipe:
    kind = chance.choice((*STEADY, "keyboard", "breath", "hum"))
    return draw_recipe(chance, "silent part", None, seconds=chance.choice((0.5, 1.0, 2.0)),
                       noises=(Noise(kind, round(chance.uniform(-75, -45), 1)),))


def draw_too_quiet(chance: Random) -> Recipe:
    return draw_recipe(chance, "too quiet", draw_voice(chance, -56, -44), after_s=chance.choice((0.5, 6.0)),
                       noises=(Noise("pink", round(chance.uniform(-90, -72), 1)),),
                       usual_db=round(chance.uniform(-38, -22), 1))


def draw_too_quiet_short(chance: Random) -> Recipe:
    return draw_recipe(chance, "too quiet, short", draw_short_voice(chance, -54, -44), usual_db=-30.0,
                       seconds=chance.choice((0.5, 3.0)), noises=(Noise("white", -78.0),))


def draw_clipped(chance: Random) -> Recipe:
    kinds = tuple(kind for kind in Overdrive if kind is not Overdrive.none)
    return draw_recipe(chance, "clipped", draw_voice(chance, -14, -10), overdrive=chance.choice(kinds),
                       overdriven_per_mille=round(chance.uniform(5, 60), 1), usual_db=-14.0)


def draw_almost_clipped(chance: Random) -> Recipe:
    """As loud as possible, with hardly a sample at the ceiling."""
    return draw_recipe(chance, "almost clipped", draw_voice(chance, -14, -10), overdrive=Overdrive.hard,
                       overdriven_per_mille=round(chance.uniform(0.02, 0.2), 2), usual_db=-14.0)


def draw_noisy(chance: Random) -> Recipe:
    voice = draw_voice(chance, -32, -14)
    kind = chance.choice((*STEADY, "street", "babble"))
    noise = Noise(kind, round(voice.level_db - chance.uniform(0, 8), 1))
    return draw_recipe(chance, "noisy", voice, noises=(noise,), after_s=chance.choice((0.5, 3.0)))


def draw_neighbour(chance: Random) -> Recipe:
    """The candidate says nothing, somebody else in the room does."""
    usual = chance.uniform(-28, -14)
    other = draw_voice(chance, max(-56, usual - 38), usual - 14, (1.2, 4))
    return draw_recipe(chance, "neighbour alone", None, neighbour=other, usual_db=round(usual, 1))


def draw_louder_neighbour(chance: Random) -> Recipe:
    """The candidate murmurs, somebody else is louder."""
    usual = chance.uniform(-28, -14)
    other = draw_voice(chance, max(-54, usual - 34), usual - 16, (1.2, 4))
    own = draw_voice(chance, other.level_db - 15, other.level_db - 4, (0.05, 0.3))
    return draw_recipe(chance, "louder neighbour", own, neighbour=other, usual_db=round(usual, 1))


def draw_class(chance: Random) -> Recipe:
    """The candidate says nothing while the class talks: a noise like others."""
    return draw_recipe(chance, "class", None, noises=(Noise("babble", round(chance.uniform(-56, -38), 1)),),
                       seconds=6.0, usual_db=round(chance.uniform(-24, -14), 1))


def draw_silent(chance: Random) -> Recipe:
    kinds = {"white": (-75, -30), "pink": (-75, -28), "fan": (-70, -28), "street": (-65, -35), "breath": (-65, -40)}
    return _draw_noise_alone(chance, "noise alone", kinds)


def draw_silent_hum(chance: Random) -> Recipe:
    return _draw_noise_alone(chance, "hum alone", {"hum": (-60, -15), "buzz": (-60, -25), "rectifier": (-60, -25)},
                             offset=chance.choice((0.0, 0.05)))


def draw_silent_keys(chance: Random) -> Recipe:
    return _draw_noise_alone(chance, "keys alone", {"keyboard": (-60, -32), "rustle": (-60, -36)},
                             pops=chance.randint(0, 8))


def draw_silent_tones(chance: Random) -> Recipe:
    return _draw_noise_alone(chance, "tones alone", dict.fromkeys(
        ("tone", "beeps", "melody", "chord", "siren"), (-45, -12)))


def draw_almost_nothing(chance: Random) -> Recipe:
    """Dither alone, or a neighbour whom nobody could understand."""
    far = draw_voice(chance, -78, -68, (3, 6))
    return draw_recipe(chance, "almost nothing", None, neighbour=chance.choice((None, far)),
                       seconds=chance.choice((1.0, 5.0, 30.0)))


def _draw_noise_alone(chance: Random, group: str, kinds: dict[str, tuple[int, int]], **more: object) -> Recipe:
    kind = chance.choice(tuple(kinds))
    return draw_recipe(chance, group, None, seconds=chance.choice((3.0, 6.0, 20.0)),
                       noises=(Noise(kind, round(chance.uniform(*kinds[kind]), 1)),), **more)


def draw_wrong_device(chance: Random) -> Recipe:
    kinds = (Device.zero, Device.constant, Device.lost_zero, Device.lost_event, Device.other)
    return draw_recipe(chance, "device", draw_voice(chance, -32, -14), device=chance.choice(kinds),
                       offset=round(chance.uniform(0.001, 0.05), 4))


def draw_no_data(chance: Random) -> Recipe:
    return draw_recipe(chance, "no data", chance.choice((None, draw_voice(chance, -32, -14))), device=Device.none)


GROUPS: dict[str, tuple[int, Draw]] = {
    "plain": (96, draw_plain), "pauses": (48, draw_pauses), "short": (40, draw_short),
    "in noise": (48, draw_in_noise), "knocks": (24, draw_knocks), "offset and hum": (24, draw_offset),
    "dropouts": (12, draw_dropouts), "gated": (16, draw_gated), "quiet neighbour": (24, draw_quiet_neighbour),
    "softer than usual": (16, draw_softer), "almost clipped": (16, draw_almost_clipped), "part": (24, draw_part),
    "too quiet": (60, draw_too_quiet), "too quiet, short": (16, draw_too_quiet_short),
    "clipped": (64, draw_clipped), "noisy": (64, draw_noisy), "neighbour alone": (40, draw_neighbour),
    "louder neighbour": (24, draw_louder_neighbour), "class": (16, draw_class), "noise alone": (48, draw_silent),
    "hum alone": (20, draw_silent_hum), "keys alone": (24, draw_silent_keys), "tones alone": (32, draw_silent_tones),
    "almost nothing": (16, draw_almost_nothing), "silent part": (24, draw_silent_part),
    "device": (40, draw_wrong_device), "no data": (8, draw_no_data),
}
