"""The style that a run sees is the one that the reference PRM has, and a false claim is seen through."""

from __future__ import annotations

import pytest

from prm_harness.audit.run import AuditSpec, run_audit
from prm_harness.record.reader import read_run
from prm_harness.scoring import load_profile

SEEN = {
    "mirror": ("mirror",),
    "mapper": ("native_mapping", "ipaas"),
    "ipaas": ("native_mapping", "ipaas"),
    "etl": ("batch_etl",),
    "passthrough": ("passthrough",),
}


def run_of(connect, tmp_path, *checks):
    return read_run(run_audit(AuditSpec(connect, load_profile("smb"), tmp_path, checks=checks)))


@pytest.mark.parametrize("product", SEEN)
def test_each_style_is_told_by_its_behaviour(product, tmp_path):
    style = run_of(f"python:prm_harness.reference.{product}:create", tmp_path, "F1", "A1").style
    assert style.seen == SEEN[product], style
    assert style.agrees
    signs = {sign.sign: sign for sign in style.signs}
    assert {"reading", "fields", "batches", "footprint"} <= signs.keys()
    assert ("cadence" in signs) == (product != "passthrough")
    assert "created none itself" in signs["footprint"].seen


def test_fields_that_came_during_the_run_are_followed_by_a_mirror_and_not_by_a_mapping(tmp_path):
    told = {}
    for product in ("mirror", "mapper"):
        style = run_of(
            f"python:prm_harness.reference.{product}:create", tmp_path / product, "N4", "N1", "F1"
        ).style
        told[product] = next((sign.speaks_for for sign in style.signs if sign.sign == "schema"), None)
    assert told["mirror"] == ("mirror", "batch_etl")
    assert told["mapper"] == ("native_mapping", "ipaas")


LIAR = """
from prm_harness.reference.{product} import create as honest


def create():
    product = honest()
    told = product.info()
    product.info = lambda: told.model_copy(update={{"style": "{claim}"}})
    return product
"""


@pytest.mark.parametrize(
    ("product", "claim", "seen"),
    [("passthrough", "mirror", "passthrough"), ("mirror", "passthrough", "mirror")],
)
def test_a_false_claim_is_seen_through(product, claim, seen, tmp_path, monkeypatch):
    (tmp_path / f"liar_{product}.py").write_text(LIAR.format(product=product, claim=claim))
    monkeypatch.syspath_prepend(str(tmp_path))
    run = run_of(f"python:liar_{product}:create", tmp_path, "F1")

    assert run.style.claimed == claim
    assert run.style.seen == (seen,)
    assert run.style.agrees is False
    facts = {fact.name: (fact.value, fact.note) for fact in run.facts}
    assert facts["Integration style seen"] == (seen, "not as claimed")


def test_a_long_silence_does_not_make_a_poll_a_batch():
    from datetime import UTC, datetime, timedelta

    from prm_harness.audit.style import _cadence
    from prm_harness.crm.backend import Exchange

    def call(number, seconds):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        told = dict.fromkeys(("rows_in", "rows_out", "bytes_in", "bytes_out"), 0)
        return Exchange(
            number=number, at=at, user="u", client="", method="GET", path="/", route="read.query", status=200, error_code="",
            seconds=0, **told,
        )  # fmt: skip

    rounds = [*range(0, 3000, 300), *range(300_000, 303_000, 300)]
    calls = [
        call(n, moment + inside)
        for n, (moment, inside) in enumerate((m, i) for m in rounds for i in (0, 0.2, 1.5))
    ]
    sign = _cadence(calls)
    assert sign.speaks_for == ("mirror", "native_mapping", "ipaas")
    assert "every 5 minutes" in sign.seen


def test_where_nothing_was_seen_nothing_is_said(tmp_path):
    from prm_harness.audit.style import _weighed
    from prm_harness.record.style import StyleSeen, StyleSign

    signs = [StyleSign(sign="footprint", seen="It asked for nothing.")]
    style = StyleSeen(claimed="mirror", seen=_weighed(signs), signs=tuple(signs))
    assert (style.seen, style.agrees, style.words) == ((), None, "not enough was seen")
