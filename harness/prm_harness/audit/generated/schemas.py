"""Fields that nobody designed: type, length, scale, whether it is required, and choices such as admins really type.

What is drawn is legal in a Salesforce org: choices of up to 255 characters, in multi-selects of up to 40 and without a
semicolon, which separates them ("Picklist Limitations", Salesforce Help); required are only types that may be universally
required, each with a default, so that records that do not know the field can still be saved ("Considerations for
Universally Required Fields", ibid.).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from prm_harness.record.digests import sha256

from .draws import draw

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

GROUPS: Final = (
    ("picklist", "picklist", "multipicklist"),
    ("string", "textarea"),
    ("double", "currency", "percent"),
    ("date", "datetime", "time", "boolean", "email", "phone", "url"),
)
"""Types of custom fields, by what is difficult about them."""

CHOICES: Final = frozenset({"picklist", "multipicklist"})
_MOST_IN_MULTI: Final = 40
_LENGTHS: Final = {"string": (1, 18, 40, 80, 81, 128, 254, 255), "textarea": (255, 256, 1000, 4000, 32000)}
_NUMBERS: Final = {
    "double": ((18, 0), (3, 0), (5, 2), (10, 4), (15, 6), (12, 3)),
    "currency": ((16, 2), (18, 0), (8, 3), (12, 4)),
    "percent": ((3, 0), (5, 2), (7, 4)),
}
_DEFAULTS: Final = {
    "string": "x", "double": 1, "currency": 1, "percent": 1, "date": "2027-06-15", "email": "nobody@example.com", "phone": "0",
    "url": "https://example.com",
}  # fmt: skip
_WORDS: Final = ("Harbour", "Clinics", "North", "Retail", "Field", "Public", "Lease", "Yard", "Crew", "Depot")
_FOREIGN: Final = (
    "Südwest",
    "Łódź",
    "Αθήνα",
    "Київ",
    "東京",
    "서울",
    "القاهرة",
    "תל אביב",
    "Île-de-France",
    "Ærø",
)
_SEEM: Final = ("null", "None", "true", "no", "N/A", "-", "1e5", "=1+1", "#REF!", "{}", "undefined", "00")


@dataclass(frozen=True, slots=True)
class DrawnField:
    """A custom field as an admin adds it; ``properties`` are what ``crm.schema.add_field`` takes besides name and type."""

    name: str
    type: str
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen, where it is a picklist."""
        return tuple(self.properties.get("values", ()))

    @property
    def entry(self) -> dict[str, Any]:
        """As a describe tells it, never empty: what values are drawn from before the field is there."""
        given = self.properties
        length = {"length": given.get("length", 255)} if self.type in {*_LENGTHS, "url"} else {}
        sizes = {name: given[name] for name in ("precision", "scale") if name in given}
        return {"type": self.type, "nillable": False, "values": list(self.choices), **length, **sizes}

    @property
    def words(self) -> str:
        """In a phrase, for people."""
        given = self.properties
        told = [
            "required" if given.get("required") else "",
            "restricted" if given.get("restricted") else "",
            _TYPE_WORDS.get(self.type, self.type),
            f"of {given['length']} characters" if "length" in given else "",
            f"of {given['precision']} digits, {given['scale']} of them decimals" if "scale" in given else "",
            f"with the choices {', '.join(map(_quoted, self.choices))}" if self.choices else "",
        ]
        return " ".join(word for word in told if word)


_TYPE_WORDS: Final = {
    "string": "text", "textarea": "text of several lines", "double": "number", "currency": "amount", "datetime": "date and time",
    "multipicklist": "multi-select picklist", "boolean": "checkbox", "email": "e-mail address", "phone": "telephone number",
    "url": "web address", "time": "time of day",
}  # fmt: skip


def draw_fields(
    seed: str, names: Sequence[str], types: Sequence[str] = (), *, odd: int = 3
) -> list[DrawnField]:
    """A field for each name.

    The groups of types take turns, beginning at another one with every seed: four fields hold one of each group, whatever
    the seed.

    Args:
        seed: what the fields follow from, together with their place alone.
        names: API names.
        types: only these; empty: any.
        odd: how many choices a picklist has.
    """
    groups = [kept for group in GROUPS if (kept := [one for one in group if not types or one in types])]
    start = int(sha256(f"{seed}:groups")[:8], 16)
    found = []
    for place, name in enumerate(names):
        number = int(sha256(f"{seed}:{place}")[:8], 16)
        (kind, properties) = draw(_field(groups[(start + place) % len(groups)]), number, 1)[0]
        if kind in CHOICES:
            values = draw_choices(f"{seed}:{place}", odd, multi=kind == "multipicklist")
            properties = {**properties, "values": values}
        if properties.get("required"):
            properties = {**properties, "default": _default(kind, properties), "defaulted_on_create": True}
        found.append(DrawnField(name, kind, properties))
    return found


def draw_choices(seed: str, count: int, *, multi: bool = False) -> list[str]:
    """Choices of a picklist, no two of them alike whatever their case.

    Among five is one with a semicolon, where that is legal; among eight is each kind of oddity.

    Args:
        seed: what they follow from.
        count: how many.
        multi: whether several can be chosen at once.
    """
    kinds = _oddities(multi=multi)
    start = int(sha256(f"{seed}:choices")[:8], 16)
    found: dict[str, str] = {}
    turn = 0
    while len(found) < count:
        number = int(sha256(f"{seed}:choices:{turn}")[:8], 16)
        value = draw(kinds[(start + turn) % len(kinds)], number, 1)[0]
        if multi:
            value = value[:_MOST_IN_MULTI].strip()
        found.setdefault(value.casefold(), value)
        turn += 1
    return list(found.values())


def draw_subsets(seed: str, choices: Sequence[str], count: int) -> list[list[str]]:
    """For each of ``count`` record types the choices that it offers: at least one, never all where there are several."""
    from hypothesis import strategies as st

    most = max(len(choices) - 1, 1)
    some = st.lists(st.sampled_from(list(choices)), min_size=1, max_size=most, unique=True)
    number = int(sha256(f"{seed}:subsets")[:8], 16)
    return draw(some, number, count)


def _field(types: Sequence[str]) -> SearchStrategy[tuple[str, dict[str, Any]]]:
    from hypothesis import strategies as st

    flag = st.sampled_from((True, False))

    def of(kind: str) -> SearchStrategy[tuple[str, dict[str, Any]]]:
        own: dict[str, SearchStrategy[Any]] = {}
        if kind in _LENGTHS:
            own["length"] = st.sampled_from(_LENGTHS[kind])
        if kind in _DEFAULTS or kind == "picklist":
            own["required"] = flag
        if kind in CHOICES:
            own["restricted"] = flag
        size = st.sampled_from(_NUMBERS[kind]) if kind in _NUMBERS else st.just(None)
        return st.tuples(st.fixed_dictionaries(own), size).map(
            lambda p: (kind, _plain(p[0] | ({"precision": p[1][0], "scale": p[1][1]} if p[1] else {})))
        )

    return st.sampled_from(list(types)).flatmap(of)


def _plain(properties: dict[str, Any]) -> dict[str, Any]:
    """Without what is as usual: not required, not restricted."""
    return {name: value for name, value in properties.items() if value is not False}


def _default(kind: str, properties: Mapping[str, Any]) -> Any:
    return properties["values"][0] if kind == "picklist" else _DEFAULTS[kind]


def _oddities(*, multi: bool) -> list[SearchStrategy[str]]:
    from hypothesis import strategies as st

    word, foreign = st.sampled_from(_WORDS), st.sampled_from(_FOREIGN)
    number = st.sampled_from(range(2, 99))
    pair = st.tuples(word, word, number)
    kinds = [
        pair.map(lambda p: f"{p[0]}, {p[1]} {p[2]}"),
        pair.map(lambda p: f"{p[0]} \"{p[1]}\" {p[2]}' O'Hara"),
        pair.map(lambda p: f"<b>{p[0]}</b> & {p[1]} {p[2]} %"),
        st.tuples(st.sampled_from(_SEEM), number).map(lambda p: f"{p[0]}{p[1]}" if p[0] == "00" else p[0]),
        st.tuples(foreign, number).map(lambda p: f"{p[0]} {p[1]} 🚀"),
        pair.map(lambda p: f"{p[0]} {p[2]} " + "long " * 36 + p[1]),
    ]
    if multi:
        return kinds
    apart = pair.map(lambda p: f"{p[0]}; {p[1]} {p[2]}")
    return [apart, *kinds[:3], apart, *kinds[3:]]


def _quoted(choice: str) -> str:
    return f"“{choice if len(choice) <= 40 else choice[:37] + '…'}”"
