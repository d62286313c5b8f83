"""Several currencies: every record says which one its amounts are in (contract §13)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from prm_harness.crm.org import admin
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import stages
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.store.store import quote

FIELD = "CurrencyIsoCode"


def enable_currencies(core: Core, rates: Mapping[str, float]) -> None:
    """See Org.enable_currencies."""
    corporate = next((code for code, rate in rates.items() if rate == 1), None)
    if corporate is None or any(
        len(code) != 3 or not code.isupper() or rate <= 0 for code, rate in rates.items()
    ):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            "currencies are ISO codes with their rates; the corporate one has rate 1",
        )
    values = tuple(PicklistValue(code, code, default=code == corporate) for code in rates)
    if "CurrencyType" not in core.schema.objects:
        table = files("prm_harness.crm.org.standard") / "objects" / "CurrencyType.txt"
        made = read_object(table.read_text(encoding="utf-8"))
        core.store.create_table(made)
        core.schema.put(made)
    core.schema.change_field("CurrencyType", "IsoCode", picklist=values)
    core.store.connection.execute('DELETE FROM "CurrencyType"')
    for code, rate in rates.items():
        row = {
            "IsoCode": code,
            "ConversionRate": rate,
            "DecimalPlaces": 2,
            "IsActive": True,
            "IsCorporate": code == corporate,
        }
        admin.plant(core, "CurrencyType", row)
    for obj in list(core.schema.objects.values()):
        if not obj.layoutable and obj.name not in {"User", stages.NAME}:
            continue
        if FIELD in obj.fields:
            core.schema.change_field(obj.name, FIELD, picklist=values, default=corporate)
            continue
        admin.add_field(
            core,
            obj.name,
            Field(
                FIELD,
                FieldType.PICKLIST,
                label="Currency ISO Code",
                length=3,
                picklist=values,
                restricted=True,
                default=corporate,
                defaulted_on_create=True,
            ),
        )
        core.store.connection.execute(f"UPDATE {quote(obj.name)} SET {quote(FIELD)} = ?", (corporate,))
