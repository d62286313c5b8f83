"""The campaign: waves, barriers, and whose fault it is when something breaks."""

from __future__ import annotations

from typing import Any

import pytest

from prm_harness import Inconclusive, NotApplicable, Submission, check, connected, settled
from prm_harness.adapter import Level, NotReached, NotSupported, Outcome
from prm_harness.adapter.faults import AdapterFault, AdapterHung
from prm_harness.audit.line import Line
from prm_harness.record.verdicts import Verdict


def make(id_: str, body: Any = None, **options: Any) -> Any:
    """A check that exercises its effect around one barrier, unless ``body`` says otherwise."""

    def plain(evidence):
        """Do nothing and say so."""
        yield settled
        evidence.exercised("seen")

    body = body or plain
    body.__doc__ = body.__doc__ or "A check of a test."
    defaults = {
        "question": "Q1.1",
        "title": id_,
        "effects": {"seen"},
        "passed": "fine",
        "failed": "{n} of {m} wrong",
    }
    return check(id_, **(defaults | options))(body)


def fails(evidence):
    """See something wrong."""
    yield settled
    evidence.exercised("seen")
    evidence.fact(n=1, m=3)
    evidence.expect("a", 1, 2)


# -- waves and barriers ---------------------------------------------------------------------------------------------


def test_shared_checks_cost_one_settling_together(rig):
    seen = []

    def body():
        def notes(evidence):
            """Note when it ran."""
            seen.append("act")
            yield settled
            seen.append("assert")
            evidence.exercised("seen")

        return notes

    results = rig.run(*(make(f"T{n}", body()) for n in range(3)))
    assert seen == ["act"] * 3 + ["assert"] * 3
    assert {r.verdict for r in results.values()} == {Verdict.PASSED}
    assert [b.wave for b in rig.heard.of("barrier")] == ["initial load", "shared 1"]


def test_a_check_that_waits_twice_costs_a_second_wave_only_for_itself(rig):
    def twice(evidence):
        """Wait twice."""
        yield settled
        yield settled
        evidence.exercised("seen")

    rig.run(make("T1"), make("T2", twice))
    assert [b.wave for b in rig.heard.of("barrier")] == ["initial load", "shared 1", "shared 2"]
    assert [r.check for r in rig.heard.of("result")] == ["T1", "T2"]


def test_history_is_seeded_before_the_portal_connects(rig):
    at_start = []

    def history(evidence):
        """Look whether the portal was connected already."""
        at_start.append("connect" in rig.prm.called)
        barrier = yield connected
        at_start.append("connect" in rig.prm.called)
        assert barrier.passed
        evidence.exercised("seen")

    assert rig.run(make("H1", history, stage="before_connect"))["H1"].verdict is Verdict.PASSED
    assert at_start == [False, True]


def test_alone_checks_run_one_after_the_other_and_faults_are_healed(rig):
    order = []

    def body(name):
        def alone(evidence):
            """Note its turn."""
            order.append(f"{name} begins")
            yield settled
            order.append(f"{name} ends")
            evidence.exercised("seen")

        return alone

    rig.run(make("A1", body("A1"), stage="alone"), make("A2", body("A2"), stage="alone"))
    first, other = order[0][:2], order[2][:2]
    assert order == [f"{first} begins", f"{first} ends", f"{other} begins", f"{other} ends"]
    assert rig.crm.faults.healed == 2
    assert (rig.crm.hooks.cancelled, rig.crm.logins.restored) == (2, 2)


def test_canaries_cross_both_ways_in_measured_time(rig):
    rig.run(make("T1"))
    for barrier in rig.heard.of("barrier"):
        assert barrier.passed
        assert 0 < barrier.to_crm_seconds <= 60
        assert 0 < barrier.to_prm_seconds <= 60


def test_a_canary_that_the_crm_refuses_only_fails_the_barrier(rig):
    barriers = []

    def refusing(evidence):
        """Make the org refuse every canary."""
        rig.crm.refuses = rig.prm.info.partner_field
        barriers.append((yield settled))
        rig.crm.refuses = ""
        evidence.exercised("seen")

    assert rig.run(make("V5", refusing))["V5"].verdict is Verdict.PASSED
    assert not barriers[0].passed
    assert "the CRM refused it" in barriers[0].reason


def test_a_check_that_never_stops_waiting_is_ended(rig):
    cleaned = []

    def endless(evidence):
        """Wait for ever."""
        try:
            while True:
                yield settled
        finally:
            cleaned.append(True)

    result = rig.run(make("T1", endless), make("A1"))
    assert result["T1"].verdict is Verdict.INCONCLUSIVE
    assert "still waits after 10 barriers" in result["T1"].reason
    assert cleaned == [True]
    assert result["A1"].verdict is Verdict.PASSED


# -- what ends a check ----------------------------------------------------------------------------------------------


def test_nothing_exercised_is_inconclusive_never_passed(rig):
    def vacuous(evidence):
        """Compare, but never see the effect."""
        yield settled
        evidence.expect("a", 1, 1)

    result = rig.run(make("T1", vacuous))["T1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "seen did not happen" in result.reason


def test_a_wrong_comparison_fails_with_its_figures(rig):
    result = rig.run(make("T1", fails))["T1"]
    assert (result.verdict, result.finding) == (Verdict.FAILED, "1 of 3 wrong")


def test_a_failure_under_a_sandbox_gap_is_open(rig):
    rig.crm.log.gap = 2
    result = rig.run(make("T1", fails))["T1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "2 requests" in result.reason


@pytest.mark.parametrize(
    ("right", "verdict", "share"),
    [(1, Verdict.PARTIAL, 0.5), (0, Verdict.FAILED, None), (2, Verdict.FAILED, None)],
)
def test_a_share_is_partial_only_strictly_between_none_and_all(rig, right, verdict, share):
    def some(evidence):
        """See a share of two."""
        yield settled
        evidence.expect("a", 1, 2)
        evidence.partial(right, 2)

    result = rig.run(make("T1", some))["T1"]
    assert (result.verdict, result.share) == (verdict, share)


@pytest.mark.parametrize(
    ("error", "verdict", "reason"),
    [
        (AdapterFault("read", "raised ValueError"), Verdict.ERROR, "read: raised ValueError"),
        (Inconclusive("no clock"), Verdict.INCONCLUSIVE, "no clock"),
        (NotApplicable("no leads were seen"), Verdict.NOT_APPLICABLE, "no leads were seen"),
        (ZeroDivisionError("oops"), Verdict.INCONCLUSIVE, "the check itself broke: ZeroDivisionError: oops"),
    ],
)
def test_whose_fault_an_exception_is(rig, error, verdict, reason):
    def breaking(evidence):
        """Break."""
        yield settled
        raise error

    result = rig.run(make("T1", breaking), make("T2"))
    assert result["T1"].verdict is verdict
    assert reason in result["T1"].reason
    assert result["T2"].verdict is Verdict.PASSED


def test_an_arrangement_that_the_crm_refuses_is_ours(rig):
    rig.crm.refuses = "nonsense"

    def arranges(crm):
        """Ask for the impossible."""
        crm.create("Account", {"Name": "nonsense"})
        yield settled

    result = rig.run(make("T1", arranges))["T1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "the arrangement was refused by the CRM" in result.reason


def test_an_operation_outside_the_declaration_is_our_fault(rig):
    def oversteps(prm):
        """Call what it did not declare."""
        prm.list_errors()
        yield settled

    result = rig.run(make("T1", oversteps))["T1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "without declaring that it needs 'errors'" in result.reason


def test_a_power_outside_the_declaration_is_our_fault(rig):
    def oversteps(crm):
        """Use a power it did not declare."""
        crm.faults.heal()
        yield settled

    result = rig.run(make("T1", oversteps))["T1"]
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "power 'faults'" in result.reason


# -- what a portal declares -----------------------------------------------------------------------------------------


def asks_for_history(evidence, prm):
    """Use a capability."""
    yield settled
    prm.list_sync_history()
    evidence.exercised("seen")


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        (Level.FULL, Verdict.FAILED),
        (Level.PARTIAL, Verdict.UNSUPPORTED),
        (Level.UNSUPPORTED, Verdict.UNSUPPORTED),
        (Level.NOT_IMPLEMENTED, Verdict.NOT_RUN),
    ],
)
def test_a_refused_capability_is_judged_by_what_was_declared(rig, level, verdict):
    rig.declare(audit=level)
    assert rig.run(make("U1", asks_for_history, needs=("audit",)))["U1"].verdict is verdict


def test_a_capability_that_nobody_spoke_of_is_not_run(rig):
    assert rig.run(make("U1", asks_for_history, needs=("audit",)))["U1"].verdict is Verdict.NOT_RUN


def test_what_is_declared_absent_is_probed(rig):
    rig.declare(audit=Level.UNSUPPORTED, notify=Level.UNSUPPORTED, errors=Level.UNSUPPORTED)
    rig.prm.notifications = list
    rig.prm.breaks["list_errors"] = AdapterFault("list_errors", "answered HTML")
    results = rig.run(*(make(f"U{n}", needs=(need,)) for n, need in enumerate(("audit", "notify", "errors"))))
    assert rig.heard.of("probe") == [
        {"capability": "errors", "answer": "list_errors: answered HTML"},
        {"capability": "notify", "answer": "answers"},
        {"capability": "audit", "answer": "refused"},
    ]
    assert results["U0"].verdict is Verdict.UNSUPPORTED
    assert results["U1"].verdict is Verdict.UNSUPPORTED
    assert "although it answers" in results["U1"].reason
    assert results["U2"].verdict is Verdict.ERROR


def test_what_is_declared_in_full_is_probed_once_connected(rig):
    rig.declare(audit=Level.FULL, notify=Level.FULL, errors=Level.FULL, files=Level.PARTIAL)
    rig.prm.notifications = list
    rig.prm.breaks["list_errors"] = AdapterFault("list_errors", "answered HTML")
    rig.run(make("U1"))
    assert rig.heard.of("probe") == [
        {"capability": "errors", "answer": "declared, but list_errors: answered HTML"},
        {"capability": "audit", "answer": "declared, but refused"},
    ]


def has_files(evidence, prm):
    """Use one operation that the adapter does not reach, of a capability declared in full."""
    yield settled
    prm.fetch_file(Submission("Account", {"Name": "x"}, Outcome(state="accepted")), "1")
    evidence.exercised("seen")


def test_an_operation_that_the_adapter_does_not_reach_says_nothing_about_the_product(rig):
    def out_of_reach(*_):
        raise NotReached("fetch_file", "no API")

    rig.declare(files=Level.FULL)
    rig.prm.fetch_file = out_of_reach
    result = rig.run(make("U1", has_files, needs=("files",)))["U1"]
    assert (result.verdict, "no API" in result.reason) == (Verdict.NOT_RUN, True)


def test_an_optional_capability_is_used_where_it_is_offered(rig):
    offered = []

    def uses(evidence, prm):
        """Look at the error log where there is one."""
        yield settled
        offered.append(prm.offers("errors"))
        if offered[-1]:
            prm.list_errors()
        evidence.exercised("seen")

    assert rig.run(make("V4", uses, uses=("errors",)))["V4"].verdict is Verdict.PASSED
    rig.declare(errors=Level.FULL)
    rig.prm.list_errors = lambda since=None: []
    assert rig.run(make("V4", uses, uses=("errors",)))["V4"].verdict is Verdict.PASSED
    assert offered == [False, True]


def test_an_object_that_the_portal_does_not_carry_is_unsupported(rig):
    result = rig.run(make("U8", kinds=("Lead",)))["U8"]
    assert (result.verdict, result.reason) == (Verdict.UNSUPPORTED, "the portal does not carry Lead")


def test_a_missing_power_is_not_run_and_an_unneeded_check_not_applicable(rig):
    rig.profile = rig.profile.model_copy(update={"not_needed": {"T2": "we sell direct"}})
    results = rig.run(make("A3", powers=("quota",)), make("T2"))
    assert results["A3"].verdict is Verdict.NOT_RUN
    assert "quota" in results["A3"].reason
    assert results["T2"].verdict is Verdict.NOT_APPLICABLE


# -- a portal that lets us down -------------------------------------------------------------------------------------


def test_a_portal_that_cannot_be_connected_makes_every_check_an_error(rig):
    rig.prm.breaks["connect"] = AdapterFault("connect", "raised ConnectionError")

    def history(evidence):
        """Seed something."""
        yield connected

    results = rig.run(make("H1", history, stage="before_connect"), make("T1"), make("A1", stage="alone"))
    assert {r.verdict for r in results.values()} == {Verdict.ERROR}
    assert "could not be connected" in results["T1"].reason


def test_a_portal_that_breaks_while_time_passes_is_an_error_unless_all_was_right(rig):
    def sees_nothing(evidence):
        """Never see the effect."""
        yield settled

    rig.prm.breaks["elapse"] = AdapterFault("elapse", "did not answer within 900 seconds")
    results = rig.run(make("T1"), make("T2", fails), make("T3", sees_nothing))
    assert [results[id_].verdict for id_ in ("T1", "T2", "T3")] == [
        Verdict.PASSED,
        Verdict.ERROR,
        Verdict.ERROR,
    ]
    assert {b.reason for b in rig.heard.of("barrier")} == {"elapse: did not answer within 900 seconds"}


def test_a_portal_that_hung_once_is_not_waited_for_again():
    class Hanging:
        info, calls = None, 0

        def call(self, operation, /, *args, **kwargs):
            self.calls += 1
            raise AdapterHung(operation, "did not answer within 60 seconds")

    session = Hanging()
    line = Line(session)
    with pytest.raises(AdapterHung):
        line.call("read")
    with pytest.raises(AdapterFault, match="not asked any more: read: did not answer"):
        line.call("list")
    assert session.calls == 1


def test_a_portal_that_rejects_the_canary_is_named(rig):
    rig.prm.submit = lambda kind, values: Outcome(state="rejected", messages=("closed today",))
    rig.run(make("T1"))
    assert "the portal refused it: closed today" in rig.heard.of("barrier")[0].reason


def test_an_interruption_leaves_a_result_for_every_check(rig):
    def interrupted(evidence):
        """Be interrupted."""
        yield settled
        raise KeyboardInterrupt

    campaign = rig.campaign(make("T1", interrupted), make("T2"), make("A1", stage="alone"))
    with pytest.raises(KeyboardInterrupt):
        campaign.run()
    results = {r.check: r for r in rig.heard.of("result")}
    assert set(results) == {"T1", "T2", "A1"}
    assert {results[check].verdict for check in ("T1", "A1")} == {Verdict.NOT_RUN}
    assert rig.prm.called[-2:] == ["cleanup", "disconnect"]


def test_a_portal_that_cannot_tidy_up_is_a_note(rig):
    rig.prm.breaks["cleanup"] = NotSupported("cleanup")
    rig.run(make("T1"))
    assert rig.heard.of("note") == [{"text": "after the run: cleanup is not supported"}]


def test_same_seed_same_records(rig):
    made: list[dict[str, Any]] = []

    def body():
        def draws(evidence, data):
            """Draw a deal."""
            made.append(data.deal())
            yield settled
            evidence.exercised("seen")

        return draws

    rig.run(make("T1", body()))
    rig.run(make("T1", body()))
    assert made[0] | {"AccountId": ""} == made[1] | {"AccountId": ""}
