"""State and country picklists: addresses that name a country and a state by code and by text, which agree.

A client writes either one; the other follows. Texts have to be those of the list, and a state needs a country that has it. Text
of the refusal of a country: a collection of Apex errors quoting FIELD_INTEGRITY_EXCEPTION of BillingCountry; those of states are
worded alike, as Salesforce Help, "State and Country/Territory Picklists" describes the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.org.errors import Fault
from prm_harness.crm.org.saves.plan import Plan
from prm_harness.crm.org.schema import Field, PicklistValue
from prm_harness.crm.store.store import StoredRow


def settle(plan: Plan, row: StoredRow, given: Mapping[str, Any]) -> list[Fault]:
    """Let codes and texts of the addresses that ``given`` touches agree in ``row``; returns what is wrong."""
    faults: list[Fault] = []
    for prefix in plan.coded_addresses:
        names = [f"{prefix}{part}" for part in ("Country", "CountryCode", "State", "StateCode")]
        if any(name in given for name in names):
            faults += _settle(plan, row, given, names)
    return faults


def _settle(plan: Plan, row: StoredRow, given: Mapping[str, Any], names: list[str]) -> list[Fault]:
    country, country_code, state, state_code = names
    fields = plan.obj.fields
    fault = _agree(row, given, fields[country], fields[country_code].picklist, country_code)
    if fault is not None:
        return [_unknown(fields[fault], "country", "a country/territory from the list of valid countries")]
    states = tuple(value for value in fields[state_code].picklist if row.get(country_code) in value.valid_for)
    if row.get(country_code) is None and (given.get(state) or given.get(state_code)):
        label = fields[state].label
        message = f"A country/territory must be specified before specifying a state value for field: {label}"
        return [Fault("FIELD_INTEGRITY_EXCEPTION", message, (state,))]
    if state not in given and state_code not in given:
        if row.get(state_code) is not None and all(v.value != row[state_code] for v in states):
            row[state] = row[state_code] = None  # the country that it is in is another one now
        return []
    fault = _agree(row, given, fields[state], states, state_code)
    return (
        [] if fault is None else [_unknown(fields[fault], "state", "a state from the list of valid states")]
    )


def _agree(
    row: StoredRow, given: Mapping[str, Any], text: Field, values: tuple[PicklistValue, ...], code: str
) -> str | None:
    """Fill code or text from the other one; the field whose value is none of the list, or None."""
    if code in given:
        known = next((v for v in values if v.value == given[code]), None)
        row[text.name] = known.label if known else None
        return code if known is None and given[code] is not None else None
    if text.name in given:
        wanted = (given[text.name] or "").lower()
        known = next((v for v in values if wanted in {v.label.lower(), v.value.lower()}), None)
        row[code] = known.value if known else None
        if known is not None:
            row[text.name] = known.label
        return text.name if known is None and wanted else None
    return None


def _unknown(field: Field, what: str, choose: str) -> Fault:
    message = (
        f"There's a problem with this {what}, even though it may appear correct. Please select {choose}."
    )
    return Fault("FIELD_INTEGRITY_EXCEPTION", message, (field.name,))
