"""Several currencies: every record says which one its amounts are in (contract §13)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from prm_harness.crm.org import admin
from prm_harness.crm.org.core import Core
from prm_harness.crm.org.effects import dated_rates as rates_of_days
from prm_harness.crm.org.effects import stages
from prm_harness.crm.org.errors import SaveError
from prm_harness.crm.org.schema import Field, FieldType, PicklistValue
from prm_harness.crm.org.standard.table import read_object
from prm_harness.crm.store.store import quote

FIELD = "CurrencyIsoCode"


def enable_dated_rates(core: Core, rates: Mapping[str, Mapping[str, float]]) -> None:
    """See Org.enable_dated_rates."""
    if "CurrencyType" not in core.schema.objects:
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION", "dated rates need several currencies: enable them first"
        )
    known = core.object("CurrencyType").fields["IsoCode"].picklist
    codes = [value.value for value in known]
    wrong = [code for code in rates if code not in codes]
    if wrong or any(rate <= 0 for dated in rates.values() for rate in dated.values()):
        raise SaveError.of(
            "FIELD_INTEGRITY_EXCEPTION",
            f"dated rates are a currency ({', '.join(codes)}), the days that rates begin on, and rates above 0",
        )
    if rates_of_days.DATED not in core.schema.objects:
        table = files("prm_harness.crm.org.standard") / "objects" / f"{rates_of_days.DATED}.txt"
        made = read_object(table.read_text(encoding="utf-8"))
        core.store.create_table(made)
        core.schema.put(made)
        core.schema.change_field(rates_of_days.DATED, "IsoCode", picklist=known)
        found = core.store.connection.execute(
            'SELECT "IsoCode", "ConversionRate" FROM "CurrencyType"'
        ).fetchall()
        for code, rate in found:
            admin.plant(
                core, rates_of_days.DATED, {"IsoCode": code, "StartDate": _FIRST_DAY, "ConversionRate": rate}
            )
    for code, dated in rates.items():
        for day, rate in dated.items():
            core.store.connection.execute(
                f'DELETE FROM {quote(rates_of_days.DATED)} WHERE "IsoCode" = ? AND "StartDate" = ?',
                (code, day),
            )
            admin.plant(
                core, rates_of_days.DATED, {"IsoCode": code, "StartDate": day, "ConversionRate": rate}
            )
    rates_of_days.retime(core)


_FIRST_DAY = "1900-01-01"
"""When the rates begin that were there before rates were dated."""


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
