"""argparse, with a word about options that do not exist."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import Any


class Parser(argparse.ArgumentParser):
    """A command's parser. What it does not know it refuses itself, in one line: argparse leaves that to the parser
    of all commands, which knows neither the command nor its options."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        """As argparse's; nothing is left over."""
        parsed, rest = super().parse_known_args(args, namespace)
        if rest:
            self.exit(2, f"{self.prog}: {self._unknown(rest)}\n")
        return parsed, rest

    def _unknown(self, rest: Sequence[str]) -> str:
        """What is wrong with arguments that are left over, and what may have been meant."""
        wrong = next((word for word in rest if word.startswith("-")), rest[0])
        name = wrong.partition("=")[0]
        near = difflib.get_close_matches(name, self._option_string_actions, n=1)
        meant = f"did you mean {near[0]}? See" if near else "see"
        what = "there is no option" if name.startswith("-") else "there is no place for"
        return f"{what} {name}; {meant} {self.prog} --help"
