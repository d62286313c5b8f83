"""Amounts in other currencies than their record's: ``convertCurrency``, aggregates, sorting, amounts like ``USD5000``.

Amounts are kept in the record's currency. Rates say how much of a currency one of the corporate currency is worth; those of
opportunities, their products and their stage history are the ones of the close date where rates are dated ("advanced currency
management"). Source: SOQL and SOSL Reference, "convertCurrency()": it gives the user's currency and is for SELECT only;
aggregates come in the corporate currency; sorting goes by converted amounts; ``Amount > USD5000`` compares converted ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from prm_harness.crm.org.schema import FieldType, Schema
from prm_harness.crm.soql.columns import Column
from prm_harness.crm.soql.context import Binds

CODE: Final = "CurrencyIsoCode"
_DATED: Final = "DatedConversionRate"
_DATES: Final = {
    "Opportunity": '{0}."CloseDate"',
    "OpportunityHistory": '{0}."CloseDate"',
    "OpportunityLineItem": '(SELECT o."CloseDate" FROM "Opportunity" o WHERE o."Id" = {0}."OpportunityId")',
}
_RATE: Final = '(SELECT "ConversionRate" FROM "CurrencyType" WHERE "IsoCode" = {code})'
_RATE_THEN: Final = (
    '(SELECT "ConversionRate" FROM "DatedConversionRate" WHERE "IsoCode" = {code} AND "StartDate" <= {date} '
    'ORDER BY "StartDate" DESC LIMIT 1)'
)


def is_money(schema: Schema, column: Column) -> bool:
    """Whether it is an amount in the currency of a record, in an org of several currencies."""
    obj = schema.get(column.entity)
    return (
        column.field is not None
        and column.field.type is FieldType.CURRENCY
        and bool(column.alias)
        and obj is not None
        and CODE in obj.fields
        and "CurrencyType" in schema.objects
    )


def corporate(schema: Schema, column: Column) -> Column:
    """The amount in the corporate currency; what is no money stays as it is."""
    if not is_money(schema, column):
        return column
    sql = f"({column.sql} / {_rate(schema, column, code_of(column))})"
    return replace(column, sql=sql, plain=False)


def users(schema: Schema, column: Column, code: str) -> Column:
    """The amount in the user's currency, which the SQL ``code`` gives."""
    assert column.field is not None
    rates = _rate(schema, column, code), _rate(schema, column, code_of(column))
    sql = f"round({column.sql} * {rates[0]} / {rates[1]}, {column.field.scale})"
    return replace(column, sql=sql, plain=False)


def code_of(column: Column) -> str:
    """SQL of the currency of an amount's record."""
    return f'{column.alias}."{CODE}"'


def users_code(binds: Binds) -> str:
    """SQL of the currency of whoever asks."""
    user = binds.add(lambda _tokens, moment: moment.user_id)
    return f'(SELECT "{CODE}" FROM "User" WHERE "Id" = {user})'


def worth(binds: Binds, currency: str, amount: float) -> str:
    """SQL of an amount of a currency, in the corporate one."""
    rate = _RATE.format(code=binds.add(lambda _tokens, _moment: currency))
    return f"({binds.add(lambda _tokens, _moment: amount)} / {rate})"


def _rate(schema: Schema, column: Column, code: str) -> str:
    today = _RATE.format(code=code)
    date = _DATES.get(column.entity)
    if date is None or _DATED not in schema.objects:
        return today
    return f"coalesce({_RATE_THEN.format(code=code, date=date.format(column.alias))}, {today})"
