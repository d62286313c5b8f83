"""A profile file as typed by a person: reading it strictly, and saying what is wrong in one line."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable
from typing import Any

import yaml

_HUGE = 1e15


class ProfileError(ValueError):
    """A profile that cannot be used. The message is one line: file, key, what is wrong, what to do."""


class Source:
    """Where values come from, so that a complaint can name the place."""

    def __init__(self, name: str) -> None:
        self.name = name

    def error(self, key: str, problem: str) -> ProfileError:
        """The complaint about a key; the file as a whole when the key is empty."""
        return ProfileError(f"{self.name}: {key} {problem}" if key else f"{self.name}: {problem}")

    @staticmethod
    def advice(word: str, choices: Iterable[str], plural: str) -> str:
        """The nearest choice, or all of them when there are few and none is near."""
        choices = list(choices)
        lower = {choice.lower(): choice for choice in choices}
        near = difflib.get_close_matches(word.lower(), lower, n=1)
        if near:
            return f"did you mean {lower[near[0]]!r}?"
        if len(choices) <= 10:
            return f"the {plural} are {', '.join(choices)}"
        return f"the {plural} go from {choices[0]} to {choices[-1]}"

    def known(self, key: str, words: Iterable[Any], choices: Iterable[str], plural: str) -> None:
        """Refuse words that are not among the choices."""
        choices = list(choices)
        for word in words:
            if word not in choices:
                raise self.error(
                    key,
                    f"has {word!r}, which is none of the {plural}; {self.advice(str(word), choices, plural)}".strip(),
                )

    def mapping(self, key: str, value: Any) -> dict[str, Any]:
        """A section of ``name: value`` lines; nothing at all is an empty one."""
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.error(key, f"is {_kind(value)}; write it as lines of 'name: value'")
        for name in value:
            if not isinstance(name, str):
                raise self.error(
                    key, f"has the name {name!r}, which YAML read as {_kind(name)}; put it in quotes"
                )
        return value

    def list(self, key: str, value: Any) -> list[Any]:
        """A list; nothing at all is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.error(key, f"is {_kind(value)}; write it as a list")
        return value

    def text(self, key: str, value: Any) -> str:
        """A text."""
        if not isinstance(value, str):
            raise self.error(key, f"is {_kind(value)}; write a text")
        return value

    def number(self, key: str, value: Any) -> float:
        """A finite number that is not negative."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _HUGE:
            raise self.error(key, f"is {_kind(value)}; write a number")
        if value < 0:
            raise self.error(key, f"is {value:g}; it cannot be negative")
        return float(value)

    def whole_number(self, key: str, value: Any) -> int:
        """A whole number that is not negative."""
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"is {_kind(value)}; write a whole number")
        return int(self.number(key, value))


def read_yaml(source: Source, content: bytes, *, start: str = "extends: mid-market") -> dict[str, Any]:
    """The file's keys; ``start`` is what a person is told to begin with when there are none.

    Raises:
        ProfileError: not YAML, a key written twice, or not a file of keys.
    """
    try:
        given = yaml.load(content, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise source.error("", f"{line}{error.problem or 'cannot be read as YAML'}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise source.error("", "cannot be read as YAML: " + " ".join(str(error).split())) from None
    if not isinstance(given, dict):
        raise source.error("", f"holds {_kind(given)}; start with {start!r}")
    return given


class _StrictLoader(yaml.SafeLoader):
    """YAML takes the last of two equal keys in silence; half of what the buyer wrote would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Any] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{key.value!r} is written twice; keep one", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _kind(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, (bool, int, float)):
        return f"{value!r}"
    if isinstance(value, str):
        return f"the text {value!r}"
    return {"list": "a list", "dict": "a mapping"}.get(type(value).__name__, f"a {type(value).__name__}")
