"""The switch of state and country picklists: each address gets the codes of its country and of its state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prm_harness.crm.org import admin
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue
from prm_harness.crm.store.store import quote

_LENGTH = 10


def enable(core: Core, countries: Mapping[str, Mapping[str, Any]]) -> None:
    """See Org.enable_state_and_country."""
    if not countries or any(not entry.get("name") for entry in countries.values()):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            "countries are ISO codes, each with its name and its states: {US: {name: United States, states: {CA: California}}}",
        )
    nations = tuple(PicklistValue(code, str(entry["name"])) for code, entry in countries.items())
    states = tuple(
        PicklistValue(state, str(name), valid_for=(code,))
        for code, entry in countries.items()
        for state, name in (entry.get("states") or {}).items()
    )
    for obj in list(core.schema.objects.values()):
        for field in [f for f in obj.fields.values() if f.type is FieldType.ADDRESS]:
            prefix = field.name.removesuffix("Address")
            country, state = obj.fields.get(f"{prefix}Country"), obj.fields.get(f"{prefix}State")
            if country is None or state is None:
                continue
            for text, values, controller in (
                (country, nations, ""),
                (state, states, f"{prefix}CountryCode"),
            ):
                name = f"{text.name}Code"
                if name in obj.fields:
                    core.schema.change_field(obj.name, name, picklist=values)
                    continue
                made = Field(
                    name,
                    FieldType.PICKLIST,
                    label=f"{text.label} Code",
                    length=_LENGTH,
                    picklist=values,
                    controller=controller,
                    compound=field.name,
                )
                admin.add_field(core, obj.name, made)
            _fill(core, obj.name, prefix, nations, states)


def _fill(
    core: Core,
    sobject: str,
    prefix: str,
    nations: tuple[PicklistValue, ...],
    states: tuple[PicklistValue, ...],
) -> None:
    """Records get the codes of texts that are in the list; other texts stay as they are, without a code."""
    run = core.store.connection.execute
    for nation in nations:
        run(
            f"UPDATE {quote(sobject)} SET {quote(f'{prefix}CountryCode')} = ? "
            f"WHERE {quote(f'{prefix}Country')} IN (?, ?)",
            (nation.value, nation.label, nation.value),
        )
    for state in states:
        run(
            f"UPDATE {quote(sobject)} SET {quote(f'{prefix}StateCode')} = ? "
            f"WHERE {quote(f'{prefix}State')} IN (?, ?) AND {quote(f'{prefix}CountryCode')} = ?",
            (state.value, state.label, state.value, state.valid_for[0]),
        )
