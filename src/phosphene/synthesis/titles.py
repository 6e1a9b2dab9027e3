"""Titles for programs that nobody named."""

from __future__ import annotations

from phosphene.glsl.words import words
from phosphene.synthesis.draws import Draws
from phosphene.synthesis.kinds import CLOCK, FINISH, MOTION, PALETTE, PROGRAM, SUN, VIEW
from phosphene.synthesis.tree import Node

_MOODS = words(
    "amber ancient bright broken calm coastal copper crooked distant dusty early electric",
    "faded feral folded frozen gilded glass hidden hollow humid hushed idle inland iron ivory",
    "late lazy lost loud lunar marble mellow midnight mossy muted narrow noisy northern odd",
    "old paper patient plain polar quiet restless rural rusty salt scarlet secret shallow",
    "silent silver slow small soft solar southern spare stray sunken tidal tiny twin velvet",
    "vivid wandering warm wet wild winter wooden young",
)
_PLACES = words(
    "afternoon alley almanac arcade archive atlas attic avenue bay bazaar borough bridge",
    "canal carnival chapel coast corner courtyard delta district dream engine evening factory",
    "fair ferry field fugue gallery garden gate glade grove hall harbour hotel hour island",
    "journey kitchen lagoon lantern letter library lullaby market meadow mill mirror morning",
    "museum notebook observatory orchard parade park pavilion pier plaza postcard quarter",
    "quilt reef rehearsal river season sketch song square station street studio study summer",
    "theatre tide tower town valley village voyage walk window workshop yard",
)
_UNNAMED = {PROGRAM, CLOCK, FINISH, MOTION, PALETTE, SUN, VIEW}


def title_of(draws: Draws, tree: Node) -> str:
    """Two or three words, one of which often names something that is in the program."""
    names = {n.production.name for n in tree.walk() if n.kind not in _UNNAMED}
    subjects = sorted(name for name in names if name.isalpha() and name.endswith("s"))
    words = [draws.pick(_MOODS)]
    if subjects and draws.chance(0.6):
        words.append(draws.pick(subjects))
        if draws.chance(0.4):
            return " ".join([*words, "at the", draws.pick(_PLACES)]).capitalize()
        return " ".join(words).title()
    return " ".join([*words, draws.pick(_PLACES)]).title()
