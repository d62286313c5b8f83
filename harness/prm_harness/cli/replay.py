"""``prm-harness replay``: one stored failure, run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from .ending import FAILURES, MET, OPEN, Ending, Trouble

if TYPE_CHECKING:
    from prm_harness.record.case import Case, Operation

CODES: Final = {"FIXED": MET, "FAILED": FAILURES, "ERROR": OPEN}
_SIDES: Final = {"crm": "CRM   ", "prm": "portal", "time": "      "}


@click.command("replay", short_help="Run a stored failure again.")
@click.argument("run", metavar="RUN.ndjson", type=click.Path(path_type=Path))
@click.argument("check", metavar="CHECK")
@click.option(
    "--adapter",
    metavar="CONNECT",
    help="Which PRM to try it on. Default: the one that the run was made with.",
)
@click.option(
    "--in-company", is_flag=True, help="Run every other check of that run beside it, as then. Default: alone."
)
@click.option("--step", is_flag=True, help="Wait for Enter before each operation, to look at both sides.")
@click.option(
    "--show", is_flag=True, help="Print the case, and the CRM's side of it as curl lines; nothing is run."
)
@click.option("--partial", is_flag=True, help="Accept a run that was killed.")
def command(
    run: Path, check: str, adapter: str | None, in_company: bool, step: bool, show: bool, partial: bool
) -> Ending:
    """Run the case of CHECK that RUN holds again: the same org, records, operations, faults and order.

    Says FIXED (exit code 0), FAILED (1), or ERROR (3): the check could not be judged, or is not the check that it was. A
    case is independent of the adapter: it can be tried on another release or another product.
    """
    from prm_harness.audit.replay import NoCaseError, replay, stored_case

    from .report import read_or_say

    was = read_or_say(run, partial=partial)
    try:
        case = stored_case(was, check)
    except NoCaseError as error:
        raise Trouble(f"{run}: {error}") from None
    if show:
        return _shown(case)
    connect = adapter or _connect_of(was.header.contestant.connect)
    click.echo(_heading(case, was.header.every_check))

    def watch(number: int, operation: Operation) -> None:
        line = f"{number:>4}  {_SIDES[operation.side]}  {operation.words}"
        click.echo(line if len(line) <= 160 else f"{line[:159]}…")
        if step:
            click.pause("")

    told = replay(was, check, connect=connect, company=in_company, watch=watch)
    click.echo(f"{told.outcome}: {told.why}")
    alone = (
        ""
        if in_company or told.outcome != "FIXED"
        else "; run alone (--in-company runs the others beside it)"
    )
    words = {"FIXED": "is fixed", "FAILED": "still fails", "ERROR": "could not be judged"}
    return Ending(CODES[told.outcome], f"{check} {words[told.outcome]}{alone}")


def _shown(case: Case) -> Ending:
    from prm_harness.record.curl import curl_lines

    for line in curl_lines(case, most=len(case.operations)):
        click.echo(line)
    return Ending(
        MET, f"case of {case.check}: {len(case.operations) + case.more} operations; nothing was run"
    )


def _heading(case: Case, plans: tuple[object, ...]) -> str:
    title = next((getattr(plan, "title", "") for plan in plans if getattr(plan, "id", "") == case.check), "")
    kept = f"{case.reduced}; " if case.reduced else ""
    return (
        f"{case.check} {title}: {kept}seed {case.seed}, {case.started_at:%Y-%m-%d %H:%M} by the CRM's clock"
    )


def _connect_of(connect: str) -> str:
    if "[secret:" in connect or "[email:" in connect:
        raise Trouble(f"the run's connect string had a secret in it ({connect}); say it again with --adapter")
    return connect
