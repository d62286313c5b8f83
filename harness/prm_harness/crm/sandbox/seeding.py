"""Ten years of records: made from a seed, by size profile, in bounded memory.

Rows are written as if the org had always had them: no rule runs, nobody is told, the change log begins after them. They
keep to the schema all the same: ids, required fields, picklists by record type, and what the org derives from a stage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prm_harness.crm.org.org import Org

YEARS: Final = 10
_BATCH: Final = 5_000
"""Rows in memory at a time."""

PROFILES: Final[dict[str, int]] = {"small": 1_000, "medium": 25_000, "large": 250_000, "million": 1_000_000}
"""Size profile → rows in all."""

_SHARES: Final = {
    "Account": 0.10,
    "Contact": 0.35,
    "Lead": 0.20,
    "Opportunity": 0.25,
    "OpportunityContactRole": 0.10,
}
_DEEPEST: Final = 6
"""Levels of the account hierarchy."""
_GROUP: Final = 10
"""Of ten accounts in a row one is a top, one on each level below, and the others stand alone."""
_SAMPLE: Final = 20_000
"""Parents that children are spread over: a million ids need not be held."""

_CITIES: Final = ("Berlin", "Lyon", "Austin", "Leeds", "Malmö", "São Paulo", "Osaka", "Perth")
_COUNTRIES: Final = ("Germany", "France", "USA", "UK", "Sweden", "Brazil", "Japan", "Australia")
_FIRST: Final = (
    "Ada",
    "Ben",
    "Chloé",
    "Dmitri",
    "Esra",
    "Finn",
    "Gül",
    "Hiro",
    "Inès",
    "José",
    "Kaja",
    "Liam",
)
_LAST: Final = (
    "Abel",
    "Brandt",
    "Çelik",
    "Dubois",
    "Evans",
    "Fischer",
    "García",
    "Huang",
    "Ito",
    "Jensen",
    "O'Neil",
)
_FIRMS: Final = (
    "Nordwind",
    "Atlas",
    "Helix",
    "Quarry",
    "Lumen",
    "Vertex",
    "Harbor",
    "Cobalt",
    "Juniper",
    "Orbit",
)
_FORMS: Final = ("GmbH", "Ltd", "Inc", "SARL", "AB", "KK")

Row = list[Any]
Stamps = tuple[str, str, str]
Tail = Callable[[int, Stamps], Row]


@dataclass(frozen=True, slots=True)
class _Recipe:
    columns: tuple[str, ...]
    make: Callable[[int, Random, Stamps], Row]


def add_history(org: Org, profile: str, *, seed: int, now: datetime) -> dict[str, int]:
    """Fill an org; returns how many rows each object got. The same seed and clock make the same rows.

    Raises:
        ValueError: no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"there is no size profile {profile!r}; known: {', '.join(PROFILES)}")
    calendar = _Calendar(now)
    maker = _Maker(org, now)
    made: dict[str, int] = {}
    for sobject, share in _SHARES.items():
        count = int(PROFILES[profile] * share)
        dice = Random(f"{seed} {sobject}")  # noqa: S311 - repeatable, not secret
        recipe = maker.recipe(sobject)
        rows = (recipe.make(i, dice, calendar.stamps(i, count, dice)) for i in range(count))
        every = max(1, count // _SAMPLE)
        written = 0
        for batch in _batches(rows):
            ids = org.plant_many(sobject, recipe.columns, batch)
            maker.keep(sobject, written, ids, every)
            written += len(ids)
        made[sobject] = written
    return made


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Small ones first, so that early rows can be parents of later ones in the smallest profile, too."""
    size, number = _GROUP, 0
    while batch := list(islice(rows, size)):
        yield batch
        number += 1
        size = size if number < _DEEPEST else min(_BATCH, size * 2)


class _Calendar:
    """Moments of the last ten years as columns hold them."""

    def __init__(self, now: datetime) -> None:
        first = now - timedelta(days=365.25 * YEARS)
        self.span = (now - first).days - 1
        self.days = [(first + timedelta(days=n)).strftime("%Y-%m-%d") for n in range(self.span + 1)]
        self.times = [f"T{m // 60:02}:{m % 60:02}:{m * 7 % 60:02}.000+0000" for m in range(24 * 60)]

    def stamps(self, place: int, count: int, dice: Random) -> Stamps:
        """CreatedDate, LastModifiedDate and SystemModstamp: ids rise with time, and more is created every year.

        Most records were touched soon after they were made and some lately; one in ten was changed by the system
        since somebody edited it.
        """
        day = int(self.span * (place / count) ** 0.7)
        minute = int(place / count * 1440 * 97) % 1440
        created = self.days[day] + self.times[minute]
        later = day + int((self.span - day) * dice.random() ** 3)
        modified = created if later == day else self.days[later] + self.times[int(dice.random() * 1440)]
        if later < self.span and dice.random() < 0.1:
            return (
                created,
                modified,
                self.days[later + 1 + int((self.span - later - 1) * dice.random())] + self.times[minute],
            )
        return created, modified, modified


class _Maker:
    """What a row of each object looks like in this org."""

    def __init__(self, org: Org, now: datetime) -> None:
        self._org = org
        self._now = now
        self._parents: dict[str, list[str]] = {}
        self._levels: list[list[str]] = [[] for _ in range(_GROUP)]
        self._owners = [org.sales_id, org.admin_id]

    def keep(self, sobject: str, first: int, ids: Sequence[str], every: int) -> None:
        """Remember a sample of new records as parents of later ones, group by group."""
        mine = self._parents.setdefault(sobject, [])
        for place, record_id in enumerate(ids, first):
            if place // _GROUP % every == 0:
                mine.append(record_id)
                if sobject == "Account":
                    self._levels[place % _GROUP].append(record_id)

    def recipe(self, sobject: str) -> _Recipe:
        recipes: dict[str, Callable[[], _Recipe]] = {
            "Account": self._account, "Contact": self._contact, "Lead": self._lead, "Opportunity": self._opportunity,
            "OpportunityContactRole": self._role,
        }  # fmt: skip
        return recipes[sobject]()

    def _account(self) -> _Recipe:
        columns, tail = self._columns("Account", (
            "Name", "ParentId", "Industry", "BillingCity", "BillingCountry", "Phone", "Website", "NumberOfEmployees",
            "AnnualRevenue", "External_Id__c",
        ))  # fmt: skip
        industries = self._values("Industry", "Account")

        def make(i: int, dice: Random, stamps: Stamps) -> Row:
            place = int(dice.random() * 8)
            firm = f"{_FIRMS[i % 10]} {_CITIES[place]} {_FORMS[i % 6]} {i}"
            level = i % _GROUP
            above = self._levels[level - 1] if 0 < level < _DEEPEST else []
            # The newest, until there are enough to choose from: then the first groups already reach the deepest level.
            parent = above[int(len(above) * dice.random()) if len(above) > 20 else -1] if above else None
            values = [
                firm, parent, industries[i % len(industries)], _CITIES[place], _COUNTRIES[place], f"+49 30 {i}",
                f"https://firm{i}.example", 1 + i % 9000, float(1000 * (i % 5000)), f"SEED-A-{i}",
            ]  # fmt: skip
            return [*values, *tail(i, stamps)]

        return _Recipe(columns, make)

    def _contact(self) -> _Recipe:
        columns, tail = self._columns(
            "Contact",
            ("FirstName", "LastName", "Name", "AccountId", "Email", "Phone", "Title", "External_Id__c"),
        )
        accounts = self._parents["Account"]

        def make(i: int, dice: Random, stamps: Stamps) -> Row:
            first, last = _FIRST[i % 12], f"{_LAST[int(dice.random() * 11)]}-{i}"
            account = accounts[int(len(accounts) * dice.random())] if accounts else None
            values = [
                first,
                last,
                f"{first} {last}",
                account,
                f"c{i}@seed.example",
                f"+44 20 {i}",
                "Buyer",
                f"SEED-C-{i}",
            ]
            return [*values, *tail(i, stamps)]

        return _Recipe(columns, make)

    def _lead(self) -> _Recipe:
        columns, tail = self._columns(
            "Lead",
            ("FirstName", "LastName", "Name", "Company", "Email", "Status", "LeadSource", "External_Id__c"),
        )
        statuses = [row["ApiName"] for row in self._rows("LeadStatus") if not row["IsConverted"]]
        sources = self._values("LeadSource", "Lead")

        def make(i: int, dice: Random, stamps: Stamps) -> Row:
            first, last = _FIRST[i % 12], f"{_LAST[int(dice.random() * 11)]}-{i}"
            status = statuses[int(len(statuses) * dice.random())]
            company = f"{_FIRMS[i % 10]} {i}"
            values = [
                first,
                last,
                f"{first} {last}",
                company,
                f"l{i}@seed.example",
                status,
                sources[i % len(sources)],
                f"SEED-L-{i}",
            ]
            return [*values, *tail(i, stamps)]

        return _Recipe(columns, make)

    def _opportunity(self) -> _Recipe:
        columns, tail = self._columns("Opportunity", (
            "Name", "AccountId", "StageName", "CloseDate", "Amount", "Probability", "ExpectedRevenue", "IsClosed", "IsWon",
            "ForecastCategory", "ForecastCategoryName", "FiscalYear", "FiscalQuarter", "Fiscal", "External_Id__c",
        ))  # fmt: skip
        accounts, stages = self._parents["Account"], self._rows("OpportunityStage")
        ends = [stage for stage in stages if stage["IsClosed"]] or stages
        today = self._now.strftime("%Y-%m-%d")

        def make(i: int, dice: Random, stamps: Stamps) -> Row:
            year, month = int(stamps[0][:4]), int(stamps[0][5:7]) + 3
            year, month = (year + 1, month - 12) if month > 12 else (year, month)
            closes = f"{year}-{month:02}-{1 + i % 28:02}"
            choice = ends if closes < today else stages
            stage = choice[int(len(choice) * dice.random())]
            amount, chance = float(500 * (1 + i % 2000)), float(stage["DefaultProbability"])
            quarter = (month + 2) // 3
            values = [
                f"{_FIRMS[i % 10]} deal {i}", accounts[int(len(accounts) * dice.random())] if accounts else None,
                stage["ApiName"], closes, amount, chance, round(amount * chance / 100, 2), int(stage["IsClosed"]),
                int(stage["IsWon"]), stage["ForecastCategory"], stage["ForecastCategoryName"], year, quarter,
                f"{year} {quarter}", f"SEED-O-{i}",
            ]  # fmt: skip
            return [*values, *tail(i, stamps)]

        return _Recipe(columns, make)

    def _role(self) -> _Recipe:
        columns, tail = self._columns(
            "OpportunityContactRole", ("OpportunityId", "ContactId", "Role", "IsPrimary")
        )
        deals, people = self._parents["Opportunity"], self._parents["Contact"]
        roles = self._values("Role", "OpportunityContactRole")

        def make(i: int, dice: Random, stamps: Stamps) -> Row:
            values = [
                deals[i % len(deals)],
                people[int(len(people) * dice.random())],
                roles[i % len(roles)],
                0,
            ]
            return [*values, *tail(i, stamps)]

        return _Recipe(columns, make)

    def _columns(self, sobject: str, own: Sequence[str]) -> tuple[tuple[str, ...], Tail]:
        """The columns of a recipe, and what makes the values of those behind its own."""
        obj = self._org.schema.objects[sobject]
        missing = [name for name in own if name not in obj.fields]
        if missing:
            raise ValueError(
                f"{sobject} has no field {', '.join(missing)}: history is made for orgs that start from `standard`"
            )
        kinds = [kind.id for kind in obj.record_types.values() if kind.active]
        owners, owned = self._owners, "OwnerId" in obj.fields

        def tail(i: int, stamps: Stamps) -> Row:
            owner = owners[i % 2]
            head = [owner] if owned else []
            if kinds:
                head.append(kinds[i % len(kinds)])
            return [*head, *stamps, owner, owner]

        behind = (["OwnerId"] if owned else []) + (["RecordTypeId"] if kinds else [])
        audit = ("CreatedDate", "LastModifiedDate", "SystemModstamp", "CreatedById", "LastModifiedById")
        return (*own, *behind, *audit), tail

    def _values(self, field: str, sobject: str) -> list[str | None]:
        found = self._org.schema.objects[sobject].fields[field]
        return [v.value for v in found.picklist if v.active] or [None]

    def _rows(self, sobject: str) -> list[dict[str, Any]]:
        return [
            dict(row)
            for row in self._org.query(
                f"SELECT FIELDS(ALL) FROM {sobject} LIMIT 200", user=self._org.admin_id
            ).records
        ]
