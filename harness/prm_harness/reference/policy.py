"""Every decision of the product that a developer could have got wrong, with the sound choice as its default.

A defect (defects/) is a product with one of these replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from prm_harness.adapter import ErrorEntry, Step, SyncEntry

from .shape.fields import FieldSpec, TypeSpec
from .store import PortalRecord
from .syncing.gaps import SYNC_GAPS, Gaps
from .syncing.problems import CrmProblem

KEEP: Final = object()
"""Answer of ``incoming``: leave what the portal shows."""

OMIT: Final = object()
"""Answer of ``outgoing``: do not send this field."""

Values = dict[str, Any]


def _as_it_is(_field: FieldSpec, value: Any) -> Any:
    return value


def _nothing_more(_spec: TypeSpec, _operation: str, values: Values) -> Values:
    return values


def _only_what_changed(_record: PortalRecord, _spec: TypeSpec, changes: Values) -> Values:
    return changes


def _attribution(spec: TypeSpec, values: Values, partner: str) -> None:
    field = spec.partner_field
    if field is not None and field != "Id":
        values.setdefault(field, partner)


def _no_repair(_problem: CrmProblem, _values: Mapping[str, Any]) -> Values | None:
    return None


def _later_edit_wins(before: Values, after: Values) -> Values:
    return before | after


def _own_records_only(spec: TypeSpec, record: PortalRecord, partner: str) -> bool:
    field = spec.partner_field
    owner = record.crm_id if field == "Id" else record.shown.get(field or "")
    return isinstance(owner, str) and owner[:15] == partner[:15]


@dataclass(frozen=True, slots=True)
class Policy:
    """The decisions; see the module."""

    # what is carried
    carries: Callable[[FieldSpec], bool] = lambda _field: True
    most_fields: int | None = None
    """How many fields of an object are carried at most; None: all."""
    unknown_field: Callable[[Values, str, Any], bool] = lambda _values, _name, _value: False
    """What to do with a submitted field that the portal lacks; True: dealt with, False: refuse the submission."""
    adds_types: bool = True
    loads_new_types: bool = True
    follows_schema: bool = True
    """Whether each sync looks for added and removed fields."""
    survives_lost_field: bool = True
    backfills: bool = True
    follows_values: bool = True
    """Whether everything is read again when the values of a picklist have changed: renamed ones come without a date."""
    checks_dependencies: bool = True
    """Whether a form refuses a dependent value that its controlling value does not allow."""
    narrows_offers: bool = True
    """Whether a form offers the values of the chosen record type and controlling value only."""
    skips_broken_read: bool = False
    """True: a read that met a deleted field counts as done."""
    finishes_extracts: bool = True
    """Batch: whether an extract that broke off is thrown away; False: it counts as all that there was to load."""
    fires_by_version: bool = True
    """iPaaS: whether a record fires again when it has another SystemModstamp; False: each id fires once."""
    keeps_pages_seconds: float = 0.0
    """Pass-through: how long a page that was read is shown again without asking the CRM."""
    asks_for_partner: bool = True
    """Pass-through: whether a partner's pages ask for that partner's records only."""
    resumes_load: bool = True
    """Whether a first load that broke off goes on where it was."""
    logs_lost_fields: bool = True
    """Whether a field that is gone, or closed to us, becomes an entry of the error log."""
    keeps_retyped: bool = True
    """Whether records keep their values when a field's type changes."""
    field_steps: tuple[Step, ...] = ()
    """What adding a field takes besides the click."""
    makes_fields: tuple[tuple[str, str], ...] = ()
    """Object and name of text fields that the product makes in the CRM when it is set up."""

    # CRM to portal
    incoming: Callable[[FieldSpec, Any], Any] = _as_it_is
    incoming_change: Callable[[FieldSpec, Any], Any] = _as_it_is
    """Besides ``incoming``, for values that were something else before."""
    follows_pages: bool = True
    stamp: str = "SystemModstamp"
    """The date by which changed rows are found."""
    reads_back_seconds: float | None = None
    """How old a change may be at most to be read at all; None: any age."""
    works_off: int | None = None
    """Rows that are taken in at each sync before anything is sent; None: reading keeps nothing waiting."""
    skips_own_rows: bool = False
    """True: a record that was made here is not read back while nobody but the integration has changed it."""
    zone_error_seconds: float = 0.0
    """By how much the time of the portal's own last write is taken for later than it was."""
    read_order: str = "SystemModstamp"
    """Oldest first, so that an interrupted read goes on from the last row taken."""
    reads_one_by_one: bool = False
    reads_children_first: bool = False
    links_to_known_only: bool = False
    """Whether a link to a record that the portal does not have yet is left out."""
    history: str = ""
    """SOQL condition on the first load."""
    overlap_seconds: float = 300.0
    """How far each read reaches back behind the newest row seen: rows may be committed late."""
    follows_deletes: bool = True
    drops_unseen: bool = True
    """Whether records that a full read did not bring are taken for deleted."""
    follows_merges: bool = True
    follows_conversion: bool = True
    logs_conflicts: bool = True
    repairs: bool = True
    """Whether the health check puts right what it finds."""
    waits_for_unsent: bool = True
    """Whether the health check leaves records alone that are on their way to the CRM."""

    matches_existing: bool = True
    """Whether records of the portal's own from before the connection are recognised in the CRM."""

    # portal to CRM
    outgoing: Callable[[FieldSpec, Any], Any] = _as_it_is
    patch: Callable[[PortalRecord, TypeSpec, Values], Values] = _only_what_changed
    finish: Callable[[TypeSpec, str, Values], Values] = _nothing_more
    attribute: Callable[[TypeSpec, Values, str], None] = _attribution
    merge_edits: Callable[[Values, Values], Values] = _later_edit_wins
    obeys_owner: bool = True
    """Whether a field that the CRM owns is kept from being written."""
    obeys_create_only: bool = True
    """Whether a field that crosses when a record is made is left alone afterwards."""
    push_first: bool = False
    echoes: bool = False
    compares_first: bool = True
    """Whether a field that the CRM is known to have already is left out of an update."""
    batch: int = 200
    """Records in one request: the limit of sObject Collections."""
    all_or_none: bool = False
    repeatable_creates: bool = True
    believes_success: bool = False
    """True: the answer of a batch is not looked at."""
    repair: Callable[[CrmProblem, Values], Values | None] = _no_repair
    reports: Callable[[CrmProblem], bool] = lambda _problem: True
    gives_up: bool = False
    daily_limit: Callable[[CrmProblem], bool] = lambda problem: problem.daily_limit
    probe_seconds: float = 1200.0
    """Between two looks whether the daily allowance is there again: three calls an hour."""
    keeps_ceiling: bool = True
    """Whether the ceiling of API calls that the admin sets is kept to."""
    undo_looks_first: bool = True

    # what people see and do
    partner_sees: Callable[[TypeSpec, PortalRecord, str], bool] = _own_records_only
    flags_duplicates: bool = True
    error_shown: Callable[[ErrorEntry], ErrorEntry] = lambda entry: entry
    tells: Callable[[str], bool] = lambda _topic: True
    keeps_history: Callable[[SyncEntry], bool] = lambda _entry: True
    retries: bool = True
    """Whether a refused record is ever sent again."""
    gaps: Gaps = SYNC_GAPS
    segments_on: Callable[[str], bool] = lambda _field: True

    # files, workflows, configurations
    carries_files: bool = True
    fires_once: bool = True
    """Whether a workflow is set off once by a record that comes to match, and not by each edit while it does."""
    exports_ids: bool = False

    # filters
    filters: bool = True
    reloads_for_filter: bool = True
    """Whether a new filter is applied to what is already in the portal."""
    filters_in_query: bool = True
    notices_entering: bool = True
    notices_leaving: bool = True

    # schedule and setup
    cycle: Callable[[float], float] = lambda declared: declared
    """The interval really used, given the one declared."""
    sets_schedule: bool = True
    more_steps: tuple[Step, ...] = ()
    permissions: tuple[str, ...] = ()
    id_key: Callable[[str], str] = lambda crm_id: crm_id[:15]
