"""What is wrong with a statement, and the way Salesforce words it: snippet, caret, row, column (contract §6)."""

from __future__ import annotations

import re

from prm_harness.crm.org.errors import QueryError
from prm_harness.crm.soql.tokens import Tokens

_BEFORE, _AFTER = 34, 46
_WORD_START = re.compile(r"(?<=[\s,])[^\s,]")
_WORD_END = re.compile(r"[\s,]")

_NAMING = "Please reference your WSDL or the describe call for the appropriate names."


class Problem(Exception):  # noqa: N818 - found while compiling; becomes a QueryError once the text is at hand
    """A refusal, with the index of the token it is about (None: the message stands alone)."""

    def __init__(self, code: str, message: str, at: int | None = None) -> None:
        self.code = code
        self.message = message
        self.at = at
        super().__init__(message)

    def located(self, tokens: Tokens) -> QueryError:
        """The error the org answers with."""
        if self.at is None:
            return QueryError.of(self.code, self.message)
        return QueryError.of(self.code, f"{_pointer(tokens.source, tokens.offset(self.at))}\n{self.message}")


def _pointer(source: str, offset: int) -> str:
    """A line of the statement around ``offset``, cut between words, and a caret under it.

    Offsets count over the whole statement, as one row: line breaks inside it count as blanks (recorded cases only
    ever name row 1).
    """
    flat = re.sub(r"[\r\n\t]", " ", source)
    start = 0
    if offset > _BEFORE:
        word = _WORD_START.search(flat, offset - _BEFORE, offset)
        start = word.start() if word else offset
    end = len(flat)
    if end > offset + _AFTER:
        ends = [m.start() for m in _WORD_END.finditer(flat, offset + 1, offset + _AFTER)]
        end = ends[-1] if ends else offset + _AFTER
    return f"\n{flat[start:end]}\n{' ' * (offset - start)}^\nERROR at Row:1:Column:{offset + 1}"


def malformed(message: str, at: int | None = None) -> Problem:
    """MALFORMED_QUERY."""
    return Problem("MALFORMED_QUERY", message, at)


def unexpected(tokens: Tokens, at: int) -> Problem:
    """A token where the grammar has no place for it; short when the statement does not even begin as one."""
    token = tokens.texts[at] if at < len(tokens.texts) else "<EOF>"
    if at == 0:
        return malformed(f"unexpected token: {token}")
    return malformed(f"unexpected token: '{token}'", at)


def no_such_column(name: str, entity: str, at: int) -> Problem:
    """A field the object does not have (or not for this user)."""
    return Problem(
        "INVALID_FIELD",
        f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
        f"the '__c' after the custom field name. {_NAMING}",
        at,
    )


def no_such_relationship(name: str, at: int) -> Problem:
    """A dotted path through something that is not a parent relationship."""
    return Problem(
        "INVALID_FIELD",
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be "
        f"sure to append the '__r' after the custom relationship name. {_NAMING}",
        at,
    )


def no_such_child_relationship(name: str, at: int) -> Problem:
    """A sub-select from something that is not a child relationship."""
    return Problem(
        "INVALID_TYPE",
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use a custom "
        f"relationship, be sure to append the '__r' after the custom relationship name. {_NAMING}",
        at,
    )


def no_such_object(name: str, at: int) -> Problem:
    """FROM names an object that does not exist (or not for this user)."""
    return Problem(
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        f"'__c' after the entity name. {_NAMING}",
        at,
    )


def ungrouped(name: str, at: int) -> Problem:
    """A function or field in the SELECT list of a query that groups nothing, or not by it."""
    return malformed(f"Field must be grouped or aggregated: {name}", at)
