"""What the vendor puts in writing: the form is read strictly, and what it says earns nothing."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from prm_harness.audit.attestations import ATTACHED, AttestationError, form_text, read_form
from prm_harness.audit.registry import load_catalogue

CHECKLIST = load_catalogue().checklist
SIGNED = {"said_by": "Ines Okafor, solutions", "said_on": date(2026, 3, 1)}


@pytest.fixture
def form(tmp_path):
    def write(**content):
        path = tmp_path / "attestations.yaml"
        path.write_text(yaml.safe_dump(content), encoding="utf-8")
        return path

    return write


def test_the_empty_form_is_valid_and_unanswered(tmp_path):
    path = tmp_path / "attestations.yaml"
    path.write_text(form_text(CHECKLIST), encoding="utf-8")
    read = read_form(path, CHECKLIST)
    assert [one.id for one in read.attestations] == [asked.id for asked in CHECKLIST.attested]
    assert {one.state for one in read.attestations} == {"unanswered"}


def test_every_subject_that_no_run_can_see_is_asked():
    asked = {one.id for one in CHECKLIST.attested}
    assert {"raci", "professional-services", "reference-setups", "field-type-matrix", "roadmap"} <= asked


def test_an_answer_is_kept_with_who_gave_it_and_the_digest_of_its_paper(form, tmp_path):
    (tmp_path / "raci.pdf").write_bytes(b"paper")
    path = form(**SIGNED, answers={"raci": {"answer": "As in the paper.", "documents": ["raci.pdf"]}})
    read = read_form(path, CHECKLIST)
    given = read.attestations[0]
    assert (given.state, given.said_by, given.said_on) == ("answered", SIGNED["said_by"], SIGNED["said_on"])
    assert [(paper.name, paper.bytes) for paper in given.documents] == [("raci.pdf", 5)]
    read.keep(tmp_path / "out")
    assert (tmp_path / "out" / ATTACHED / "raci.pdf").read_bytes() == b"paper"


def test_rows_are_kept_and_empty_ones_dropped(form):
    empty = {"type": "", "portal to CRM": "", "CRM to portal": ""}
    row = {"type": "date", "portal to CRM": "exact", "CRM to portal": "lossy"}
    path = form(**SIGNED, answers={"field-type-matrix": {"rows": [row, empty]}})
    (given,) = (one for one in read_form(path, CHECKLIST).attestations if one.id == "field-type-matrix")
    assert given.rows == (row,)


def test_yes_and_no_may_be_written_without_quotes(form):
    row = {"gap": "roll-back", "available on": "2027", "committed in the contract": True}
    read = read_form(form(**SIGNED, answers={"roadmap": {"rows": [row]}}), CHECKLIST)
    (given,) = (one for one in read.attestations if one.id == "roadmap")
    assert given.rows[0]["committed in the contract"] == "yes"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"answers": {"raci": {"answer": "We do it."}}}, "said_by is empty"),
        ({"said_by": "Ines", "answers": {"raci": {"answer": "We do it."}}}, "said_on is None"),
        ({**SIGNED, "answers": {"raki": {"answer": "x"}}}, "did you mean 'raci'"),
        ({**SIGNED, "answer": {}}, "did you mean 'answers'"),
        ({**SIGNED, "answers": ["raci"]}, "answers is a list"),
        ({**SIGNED, "answers": {"raci": "yes"}}, "answers.raci is text"),
        ({**SIGNED, "answers": {"raci": {"answer": "x", "documents": ["no.pdf"]}}}, "there is no document no.pdf"),
        ({**SIGNED, "answers": {"raci": {"documents": "raci.pdf"}}}, "is a list of file names"),
        ({**SIGNED, "answers": {"api-calls": {"rows": [{"a": "b"}]}}}, "takes an answer in words"),
        ({**SIGNED, "answers": {"raci": {"rows": [{"step": "Connect"}]}}}, "its columns are step, responsible"),
        (
            {**SIGNED, "answers": {"field-type-matrix": {"rows": [
                {"type": "date", "portal to CRM": "fine", "CRM to portal": "exact"}]}}},
            "it is one of exact, lossy, refused",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_says_where(form, content, says):
    with pytest.raises(AttestationError, match=says) as raised:
        read_form(form(**content), CHECKLIST)
    assert "\n" not in str(raised.value)


def test_what_is_no_yaml_is_said_with_its_line(tmp_path):
    path = tmp_path / "form.yaml"
    path.write_text("said_by: [\n")
    with pytest.raises(AttestationError, match=r"form.yaml, line \d: is no YAML"):
        read_form(path, CHECKLIST)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AttestationError, match="is no"):
        read_form(path, CHECKLIST)
