"""Defects on the way from the CRM to the portal: history, schema, filters, records that went away."""

from __future__ import annotations

from typing import Any, Final

from prm_harness.reference.policy import KEEP
from prm_harness.reference.shape.fields import PARTNER_FIELD, FieldSpec

from .model import ALL, BATCH, IPAAS, MAPPING, MIRROR, WINDOW, Defect


def _keeps_the_first_account(field: FieldSpec, value: Any) -> Any:
    # A first value is stored with the record itself; only re-parenting comes through here as a change.
    return KEEP if field.name == "AccountId" and value is not None else value


READING: Final = (
    Defect(
        "first-page-only",
        "Reads the newest 2,000 rows, one page, and never asks for the next.",
        checks=("H1", "P2"), styles=ALL, failure_modes=("D7",), changes={"follows_pages": False, "read_order": "SystemModstamp DESC"},
    ),
    Defect(
        "history-cut-at-two-years",
        "Loads only what was created in the last two years.",
        checks=("H1", "H2"), styles=MIRROR + BATCH, failure_modes=("D6",),
        changes={"history": "CreatedDate = LAST_N_DAYS:730"},
    ),
    Defect(
        "reads-record-by-record",
        "Fetches every record with a request of its own.",
        checks=("H4",), styles=MIRROR + IPAAS + BATCH, failure_modes=("D20",), changes={"reads_one_by_one": True},
    ),
    Defect(
        "no-overlap-window",
        "Reads only rows newer than the newest one seen, so a row committed late is never read.",
        checks=("U4",), failure_modes=("D5",), changes={"overlap_seconds": 0.0},
    ),
    Defect(
        "no-backfill-of-new-field",
        "A field added later gets values from future edits only.",
        checks=("N1",), styles=MIRROR + BATCH, failure_modes=("D6", "D21"),
        changes={"backfills": False, "overlap_seconds": 0.0},
    ),
    Defect(
        "deleted-field-stops-the-object",
        "Goes on asking for a field that was deleted, so nothing of the object is read any more.",
        checks=("N2",), failure_modes=("D21",), changes={"survives_lost_field": False, "follows_schema": False},
    ),
    Defect(
        "schema-needs-a-click",
        "Notices a changed schema only when somebody presses refresh.",
        checks=("N4",), styles=MIRROR + BATCH + WINDOW, failure_modes=("D21",), changes={"follows_schema": False},
    ),
    Defect(
        "new-object-without-history",
        "An object added later starts empty; only future rows come.",
        checks=("N6",), styles=MIRROR + BATCH, failure_modes=("D6",), changes={"loads_new_types": False},
    ),
    Defect(
        "no-custom-objects",
        "Carries standard objects only.",
        checks=("C2",), styles=MIRROR + BATCH, changes={"adds_types": False},
    ),
    Defect(
        "flattens-account-hierarchy",
        "Does not carry an account's parent.",
        checks=("R1",), styles=MIRROR + IPAAS + BATCH, failure_modes=("D25",),
        changes={"carries": lambda field: field.name != "ParentId"},
    ),
    Defect(
        "keeps-the-first-account",
        "A deal or contact that is moved to another account stays under the old one in the portal.",
        checks=("R4",), failure_modes=("D9",), changes={"incoming_change": _keeps_the_first_account},
    ),
    Defect(
        "keeps-the-first-contact",
        "A link between a deal and a contact stays with the contact that it was made for, also after a merge.",
        checks=("R3",), styles=MIRROR + BATCH, failure_modes=("D38",),
        changes={"incoming_change": lambda field, value: KEEP if field.name == "ContactId" else value},
    ),
    Defect(
        "keeps-the-registered-stage",
        "Shows partners the stage that a deal was registered or first read with.",
        checks=("B3",), failure_modes=("D9",),
        changes={"incoming_change": lambda field, value: KEEP if field.name == "StageName" else value},
    ),
    Defect(
        "visibility-is-fixed-at-first-sight",
        "Decides whose a record is when it first sees it, and never again.",
        checks=("G3", "U11"), failure_modes=("D28",),
        changes={"incoming_change": lambda field, value: KEEP if field.name == PARTNER_FIELD else value},
    ),
    Defect(
        "orphans-children-that-come-first",
        "Reads deals before accounts, and leaves out a link to an account that it does not have yet.",
        checks=("R2",), failure_modes=("D32",),
        changes={"reads_children_first": True, "links_to_known_only": True, "overlap_seconds": 0.0},
    ),
    Defect(
        "empties-retyped-fields",
        "Makes a field anew when its type changes in the CRM, and does not fill it.",
        checks=("N3",), styles=MIRROR + BATCH, failure_modes=("D21",), changes={"keeps_retyped": False, "follows_values": False},
    ),
    Defect(
        "follows-last-modified-only",
        "Looks for changes by LastModifiedDate, so that what the system changes is never seen.",
        checks=("V8",), styles=MIRROR + BATCH, failure_modes=("D8",),
        changes={"stamp": "LastModifiedDate", "follows_values": False},
    ),
    Defect(
        "compares-times-in-local-time",
        "Takes the time of its own last write for two hours later than it was, and a change made in between for older.",
        checks=("B1",), styles=MIRROR + BATCH, failure_modes=("D12",), changes={"zone_error_seconds": 7200.0},
    ),
    Defect(
        "skips-rows-it-wrote-itself",
        "Guards against echoes by not reading back what its own user has written, automation's changes among it.",
        checks=("V7",), styles=MIRROR + BATCH, failure_modes=("D10",), changes={"skips_own_rows": True},
    ),
    Defect(
        "reads-three-days-back",
        "Asks for the changes of the last three days at most, as the CRM's event bus keeps them.",
        checks=("U5",), failure_modes=("D35",), changes={"reads_back_seconds": 72 * 3600.0},
    ),
    Defect(
        "skips-a-read-that-broke",
        "Counts a read that met a deleted field as done, and goes on from now.",
        checks=("N5",), styles=MIRROR + IPAAS + BATCH, failure_modes=("D21",),
        changes={"skips_broken_read": True, "follows_schema": False, "overlap_seconds": 0.0},
    ),
    Defect(
        "gives-up-a-broken-load",
        "Takes a first load that broke off for finished.",
        checks=("H5",), styles=MIRROR + BATCH, failure_modes=("D5",), changes={"resumes_load": False, "overlap_seconds": 0.0},
    ),
    Defect(
        "works-off-its-backlog-first",
        "Has one queue: takes in 50 changes at each sync, and sends nothing while some are waiting.",
        checks=("F5",), changes={"works_off": 50},
    ),
    Defect(
        "first-sync-duplicates",
        "Sends everything that it had before the connection, and loads everything that the CRM has.",
        checks=("H3",), failure_modes=("D37",), changes={"matches_existing": False},
    ),
    Defect(
        "workflow-fires-at-each-edit",
        "Takes each version of a record that matches for one that has come to match.",
        checks=("G2",), styles=MIRROR + IPAAS + BATCH, failure_modes=("D9",), changes={"fires_once": False},
    ),
    Defect(
        "carries-fifty-fields",
        "Carries the first fifty fields of an object, which is what its screens have room for.",
        checks=("P3",), styles=MIRROR + BATCH, changes={"most_fields": 50},
    ),
    Defect(
        "ignores-deletes",
        "Records deleted in the CRM live on in the portal.",
        checks=("U6", "P1"), failure_modes=("D4",), changes={"follows_deletes": False},
    ),
    Defect(
        "dangling-link-after-merge",
        "After a merge the portal's record stays bound to the loser.",
        checks=("U7",), failure_modes=("D3",), changes={"follows_merges": False},
    ),
    Defect(
        "keeps-writing-to-converted-lead",
        "Does not notice that a lead was converted, and goes on sending changes to it.",
        checks=("U8",), failure_modes=("D2",), changes={"follows_conversion": False},
    ),
    Defect(
        "ignores-filter",
        "Shows a filter on its screen and reads everything.",
        checks=("L1",), styles=MIRROR + MAPPING + BATCH + WINDOW, changes={"filters": False},
    ),
    Defect(
        "misses-records-that-enter-the-filter",
        "A row edited after its creation is taken for known, so one that starts to match the filter is skipped.",
        checks=("L2",), styles=MIRROR + IPAAS + BATCH, changes={"notices_entering": False},
    ),
    Defect(
        "leaves-stale-records-after-filter",
        "A record that stops matching the filter stays visible and goes stale.",
        checks=("L3",), styles=MIRROR + MAPPING + BATCH, failure_modes=("D28",), changes={"notices_leaving": False},
    ),
    Defect(
        "filters-after-download",
        "Downloads every row and throws away those outside the filter.",
        checks=("L4",), changes={"filters_in_query": False},
    ),
    Defect(
        "compares-ids-without-case",
        "Takes two records whose ids differ only in case for one.",
        checks=("T8",), failure_modes=("D18",), changes={"id_key": lambda crm_id: crm_id[:15].lower()},
    ),
    Defect(
        "health-check-drops-what-is-under-way",
        "The health check takes a deal that the CRM has not received yet for one that the CRM has lost, and removes it.",
        checks=("U3",), styles=MIRROR + BATCH, failure_modes=("D36",), changes={"waits_for_unsent": False},
    ),
    Defect(
        "each-record-fires-once",
        "A trigger remembers the ids that it has handed over, and not which version: later edits of a record never come.",
        checks=("F2", "B3"), styles=IPAAS, changes={"fires_by_version": False},
    ),
    Defect(
        "takes-half-an-extract-for-all",
        "An extract that breaks off counts as complete, and the next one begins after it.",
        checks=("H5",), styles=BATCH, failure_modes=("D5",), changes={"finishes_extracts": False, "overlap_seconds": 0.0},
    ),
    Defect(
        "keeps-pages-for-a-day",
        "A page that was read from the CRM is shown again for a day without asking.",
        checks=("F2", "B3"), styles=WINDOW, changes={"keeps_pages_seconds": 86400.0},
    ),
    Defect(
        "health-check-only-counts",
        "The health check finds what differs and repairs nothing.",
        checks=("U3",), styles=MIRROR + BATCH, failure_modes=("D5",), changes={"repairs": False},
    ),
)  # fmt: skip
