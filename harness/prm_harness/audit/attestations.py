"""The form on which a vendor answers what no run can see: written to be filled in, read back strictly.

Answers are the vendor's word. They go into the run file as events of their own, with the digests of the papers that came
with them, and no verdict and no score ever looks at them.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import yaml

from prm_harness.record.attestations import AttachedDocument, Attestation
from prm_harness.record.model import AttestedQuestion, Checklist

_TOP: Final = ("said_by", "said_on", "answers")
_ENTRY: Final = ("answer", "rows", "documents")
ATTACHED: Final = "attached"
"""Folder beside the run file that the documents are copied to."""


class AttestationError(Exception):
    """A form that cannot be used. The message is one line: which file, where in it, what to do."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form that was read: every attested question of the checklist, answered or not, and where its papers lie."""

    attestations: tuple[Attestation, ...]
    papers: tuple[Path, ...]

    def keep(self, out: Path) -> None:
        """Copy the papers beside the run file, so that what was handed in can be looked at later."""
        if self.papers:
            (out / ATTACHED).mkdir(parents=True, exist_ok=True)
        for paper in self.papers:
            shutil.copyfile(paper, out / ATTACHED / paper.name)


def form_text(checklist: Checklist) -> str:
    """The empty form: every question with its text as a comment, ready to be filled in."""
    return "\n".join(_form(checklist)) + "\n"


def read_form(path: Path, checklist: Checklist) -> Form:
    """Read a form and the documents that it names; paths count from the form's own folder.

    Raises:
        AttestationError: the form or a document cannot be used; one line says why.
        OSError: it cannot be read.
    """
    content = _mapping(path, "the form", _loaded(path))
    _known(path, "", content, _TOP)
    answers = _mapping(path, "answers", content.get("answers"))
    by_id = {asked.id: asked for asked in checklist.attested}
    _known(path, "answers", answers, by_id)
    said_by = str(content.get("said_by") or "").strip()
    entries = {id_: _Entry(path, by_id[id_], answers.get(id_)) for id_ in by_id}
    answered = [id_ for id_, entry in entries.items() if entry.given]
    if answered and not said_by:
        raise AttestationError(f"{path}: said_by is empty; write the name and role of who answers")
    said_on = _day(path, content.get("said_on")) if answered else None
    papers = [paper for entry in entries.values() for paper in entry.papers]
    _one_name_each(path, papers)
    return Form(
        tuple(entry.attestation(said_by, said_on) for entry in entries.values()), tuple(dict.fromkeys(papers))
    )


class _Entry:
    """One answer of the form, checked."""

    def __init__(self, path: Path, asked: AttestedQuestion, given: Any) -> None:
        where = f"answers.{asked.id}"
        entry = _mapping(path, where, given)
        _known(path, where, entry, _ENTRY)
        self._asked = asked
        self.answer = str(entry.get("answer") or "").strip()
        self.rows = tuple(_rows(path, asked, entry.get("rows")))
        self.papers = tuple(_papers(path, where, entry.get("documents")))
        self.given = bool(self.answer or self.rows)
        if self.papers and not self.given:
            raise AttestationError(
                f"{path}: {where} has documents and no answer; say in a sentence what they show"
            )

    def attestation(self, said_by: str, said_on: date | None) -> Attestation:
        asked = self._asked
        return Attestation(
            id=asked.id,
            question=asked.question,
            title=asked.title,
            asked=" ".join(asked.text.split()),
            state="answered" if self.given else "unanswered",
            answer=self.answer,
            rows=self.rows,
            documents=tuple(map(_document, self.papers)),
            said_by=said_by if self.given else "",
            said_on=said_on if self.given else None,
        )


def _loaded(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise AttestationError(
            f"{path}: is no text file; write the form with `prm-harness init attestations`"
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise AttestationError(f"{path}{line}: is no YAML: {problem}") from None


def _mapping(path: Path, where: str, value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise AttestationError(f"{path}: {where} is {_kind(value)}; write it as lines of 'name: value'")
    return value


def _known(
    path: Path, where: str, given: Mapping[str, Any], names: Sequence[str] | Mapping[str, Any]
) -> None:
    for name in given:
        if name not in names:
            close = get_close_matches(str(name), names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(names)}"
            place = f"{where}.{name}" if where else str(name)
            raise AttestationError(f"{path}: unknown key {place!r}; {hint}")


def _rows(path: Path, asked: AttestedQuestion, given: Any) -> Iterator[dict[str, str]]:
    where = f"answers.{asked.id}.rows"
    if given in (None, []):
        return
    if not asked.columns:
        raise AttestationError(f"{path}: {where}: this question takes an answer in words, no rows")
    if not isinstance(given, list):
        raise AttestationError(f"{path}: {where} is {_kind(given)}; write it as a list of rows")
    for number, row in enumerate(given, start=1):
        place = f"{where}, row {number}"
        cells = {str(name): _cell(value) for name, value in _mapping(path, place, row).items()}
        if not any(cells.values()):
            continue
        if set(cells) != set(asked.columns):
            raise AttestationError(
                f"{path}: {place} has {', '.join(cells)}; its columns are {', '.join(asked.columns)}"
            )
        for name, words in asked.columns.items():
            if words and cells[name] not in words:
                raise AttestationError(
                    f"{path}: {place}: {name} is {cells[name]!r}; it is one of {', '.join(words)}"
                )
        yield {name: cells[name] for name in asked.columns}


def _cell(value: Any) -> str:
    """YAML reads yes and no as booleans."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).strip()


def _papers(path: Path, where: str, given: Any) -> Iterator[Path]:
    if given in (None, []):
        return
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        raise AttestationError(f"{path}: {where}.documents is a list of file names")
    for name in given:
        paper = path.parent / name
        if not paper.is_file():
            raise AttestationError(f"{path}: {where}: there is no document {name}; put it beside the form")
        yield paper


def _one_name_each(path: Path, papers: Sequence[Path]) -> None:
    by_name: dict[str, Path] = {}
    for paper in papers:
        if by_name.setdefault(paper.name, paper) != paper:
            raise AttestationError(f"{path}: two documents are called {paper.name}; rename one")


def _document(paper: Path) -> AttachedDocument:
    content = paper.read_bytes()
    return AttachedDocument(name=paper.name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def _day(path: Path, value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise AttestationError(f"{path}: said_on is {value!r}; write the day as 2026-01-31") from None


def _kind(value: Any) -> str:
    words = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return words.get(type(value), type(value).__name__)


def _form(checklist: Checklist) -> Iterator[str]:
    yield "# What no audit can see, answered by the vendor. It is printed apart from what was measured and never counts in the"
    yield "# score. An answer left empty is printed as unanswered. Hand it in with: prm-harness audit CONNECT --attestations FILE"
    yield "said_by: ''    # name and role of who answers"
    yield "said_on:       # the day, as 2026-01-31"
    yield "answers:"
    for asked in checklist.attested:
        yield ""
        yield f"  {asked.id}:"
        yield from _commented(f"{asked.question} {asked.title}. {' '.join(asked.text.split())}")
        if asked.documents:
            yield from _commented(f"Attach: {asked.documents}")
        yield "    answer: ''"
        if asked.columns:
            yield "    rows:"
            for number, (name, words) in enumerate(asked.columns.items()):
                hint = f"    # {' | '.join(words)}" if words else ""
                yield f"      {'- ' if number == 0 else '  '}{name}: ''{hint}"
        yield "    documents: []    # file names, beside this form"


def _commented(text: str) -> Iterator[str]:
    line = "    #"
    for word in text.split():
        if len(line) + len(word) > 110:
            yield line
            line = "    #"
        line += f" {word}"
    yield line
