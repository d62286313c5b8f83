"""SOSL's ``WITH`` clauses: what a search adds to the records that it finds, and what narrows them.

Sources: SOSL reference, WITH HIGHLIGHT (objects, types of fields, 25 records an object, ``<mark>``), WITH SNIPPET (``highlight.Title``
beside a record's fields), WITH METADATA, WITH PricebookId, WITH SPELL_CORRECTION. The labels' key is that of the partner WSDL's
``SearchResultsMetadata``; the REST guide prints it without its capital.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.org.ids import is_id, to18
from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.salesforce.searching.term import Term, TermError, plain_words

_WITH: Final = re.compile(r"\s+WITH\s+(\w+)(\s+CATEGORY\b)?", re.IGNORECASE)
_VALUE: Final = re.compile(r"\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\w+))", re.DOTALL)
_LENGTH: Final = re.compile(r"\s*\(\s*target_length\s*=\s*\d{1,6}\s*\)", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")
_ELSEWHERE: Final = frozenset({"DIVISION", "DATA CATEGORY", "NETWORK"})
"""Features that the sandbox's orgs have not: divisions, knowledge, communities."""
_MARKED: Final = frozenset({FieldType.STRING, FieldType.TEXTAREA, FieldType.EMAIL})
_HIGHLIGHTED: Final = frozenset({"Account", "Campaign", "Contact", "Lead", "Opportunity", "Quote", "User"})
_MOST_MARKED: Final = 25
"""Records of an object whose terms are marked."""
_SNIPPED: Final = frozenset({"Case", "FeedItem", "FeedComment", "Idea"})


@dataclass(frozen=True, slots=True)
class With:
    """What the clauses ask for."""

    highlight: bool = False
    snippet: bool = False
    labels: bool = False
    price_book: str = ""


def read_with(text: str, at: int) -> tuple[With, int]:
    """The clauses from ``at`` on, and where they end.

    Raises:
        TermError: no such clause, or not what it takes.
        SandboxGapError: a clause of a feature that the sandbox has not.
    """
    asked = With()
    while found := _WITH.match(text, at):
        name, at = f"{found[1]}{' CATEGORY' if found[2] else ''}".upper(), found.end()
        if name in _ELSEWHERE:
            raise SandboxGapError(f"SOSL: WITH {name}")
        if name == "HIGHLIGHT":
            asked = replace(asked, highlight=True)
        elif name == "SNIPPET":
            asked = replace(asked, snippet=True)
            length = _LENGTH.match(text, at)
            at = length.end() if length else at
        elif name in {"METADATA", "PRICEBOOKID", "SPELL_CORRECTION"}:
            given = _VALUE.match(text, at)
            if given is None:
                raise TermError(f"unexpected token: {(text[at:].split() or ['<EOF>'])[0]}")
            asked, at = _valued(asked, name, given[1] if given[1] is not None else given[2]), given.end()
        else:
            raise TermError(f"unexpected token: {found[1]}")
    return asked, at


def _valued(asked: With, name: str, value: str) -> With:
    if name == "METADATA":
        return replace(asked, labels=labels_wanted(value))
    if name == "PRICEBOOKID":
        return replace(asked, price_book=price_book(value))
    if value.lower() not in {"true", "false"}:
        raise TermError(f"unexpected token: {value}")
    return asked  # nothing is ever corrected


def labels_wanted(value: Any) -> bool:
    """Whether labels are asked for; ``LABELS`` is all that can be."""
    if str(value).upper() != "LABELS":
        raise TermError(f"unexpected token: {value}")
    return True


def price_book(value: Any) -> str:
    """The id of a price book, with 18 characters."""
    if not isinstance(value, str) or not is_id(value):
        raise TermError(f"invalid ID field: {value}")
    return to18(value)


def refuse_snippets(asked: With, records: Sequence[dict[str, Any]]) -> None:
    """Excerpts are of articles, cases, feeds and ideas; for other objects the clause does nothing.

    Raises:
        SandboxGapError: one of those is found.
    """
    if asked.snippet and not _SNIPPED.isdisjoint(record["attributes"]["type"] for record in records):
        raise SandboxGapError("SOSL: WITH SNIPPET for cases")


def mark(records: Sequence[dict[str, Any]], term: Term, schema: Schema) -> None:
    """Put ``highlight.<field>`` beside the fields that hold a word of the term; words with wildcards are not marked."""
    words = frozenset(plain_words(term))
    marked: dict[str, int] = {}
    for record in records:
        sobject = schema.objects[record["attributes"]["type"]]
        if not (sobject.custom or sobject.name in _HIGHLIGHTED):
            continue
        marked[sobject.name] = marked.get(sobject.name, 0) + 1
        if marked[sobject.name] > _MOST_MARKED:
            continue
        for name, value in list(record.items()):
            field = sobject.fields.get(name)
            if field is None or not isinstance(value, str) or field.type not in _MARKED:
                continue
            if field.calculated or (field.name_field and not field.createable and not field.auto_number):
                continue  # a formula, or the compound name of a person
            shown = _WORD.sub(lambda m: f"<mark>{m[0]}</mark>" if m[0].casefold() in words else m[0], value)
            if shown != value:
                record[f"highlight.{name}"] = shown


def labels_of(records: Sequence[dict[str, Any]], schema: Schema) -> dict[str, Any]:
    """The labels of the fields that the records show, object by object."""
    names: dict[str, dict[str, None]] = {}
    for record in records:
        names.setdefault(record["attributes"]["type"], {}).update(dict.fromkeys(record))
    return {
        "entityMetadata": [
            {
                "entityName": sobject,
                "fieldMetadata": [
                    {"name": name, "label": field.label or name}
                    for name in shown
                    if (field := schema.objects[sobject].fields.get(name)) is not None
                ],
            }
            for sobject, shown in names.items()
        ]
    }
