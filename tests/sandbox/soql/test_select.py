"""What a query answers: envelope, order of keys, parents, children, compounds, shown values."""

import pytest

from prm_harness.crm.org.errors import SandboxGapError
from prm_harness.crm.soql import parse
from prm_harness.crm.soql.compiler import compile_query


def test_attributes_come_first_then_the_fields_as_selected_under_their_canonical_names(deals):
    record = deals.org.ask("select AMOUNT, name, id from opportunity where name = 'one'").records[0]
    assert list(record) == ["attributes", "Amount", "Name", "Id"]
    assert record["attributes"] == {"type": "Opportunity", "url": f"/sobjects/Opportunity/{deals.one}"}
    assert record["Amount"] == 100.0


def test_null_is_there_and_booleans_are_booleans(deals):
    assert deals.org.rows("SELECT NextStep, Strategic__c FROM Opportunity WHERE Name IN ('One', 'Two')") == [
        {"NextStep": None, "Strategic__c": True},
        {"NextStep": None, "Strategic__c": False},
    ]


def test_object_prefix_and_alias_may_stand_before_a_field(deals):
    assert deals.org.values(
        "SELECT Opportunity.Name FROM Opportunity WHERE Opportunity.Account.Name = 'Globex'"
    ) == ["three"]
    assert deals.org.values("SELECT o.Name FROM Opportunity o WHERE o.Account.Name = 'Globex'") == ["three"]


def test_parents_may_have_names_of_their_own_in_from(deals):
    text = "FROM Opportunity o, o.Account a, a.Owner u WHERE a.Name = 'Globex' AND u.Id != null"
    assert deals.org.rows(f"SELECT o.Name, a.Name, u.Name {text}") == deals.org.rows(
        "SELECT Name, Account.Name, Account.Owner.Name FROM Opportunity WHERE Account.Name = 'Globex'"
    )
    assert deals.org.ask(f"SELECT COUNT() {text}").total == 1


@pytest.mark.parametrize("child", ["Account.Contacts", "a.Contacts", "account.CONTACTS"])
def test_a_sub_select_may_name_its_parent(deals, child):
    whole = deals.org.rows("SELECT (SELECT LastName FROM Contacts) FROM Account")
    assert deals.org.rows(f"SELECT (SELECT LastName FROM {child}) FROM Account a") == whole


def test_parents_nest_and_share_one_record(deals):
    record = deals.org.ask(
        "SELECT Name, Parent.Owner.Name, Owner.Id, Parent.Name FROM Account WHERE Name = 'Globex'"
    ).records[0]
    assert list(record) == ["attributes", "Name", "Parent", "Owner"]
    assert record["Parent"]["attributes"] == {"type": "Account", "url": f"/sobjects/Account/{deals.acme}"}
    assert list(record["Parent"]) == ["attributes", "Owner", "Name"]
    assert record["Parent"]["Owner"]["Name"] == "Ada Low"


def test_a_parent_is_null_where_the_lookup_is(deals):
    assert deals.org.rows(
        "SELECT Account.Name, Account.Owner.Name FROM Opportunity WHERE AccountId = null"
    ) == [{"Account": None}]


def test_custom_relationships(deals):
    assert deals.org.rows("SELECT Partner_Account__r.Name FROM Opportunity WHERE Name = 'Two'") == [
        {"Partner_Account__r": {"Name": "Globex"}}
    ]
    children = deals.org.rows("SELECT (SELECT Name FROM Partner_Deals__r) FROM Account WHERE Name = 'Globex'")
    assert children[0]["Partner_Deals__r"]["records"] == [{"Name": "Two"}]


def test_children_are_a_result_of_their_own_or_null(deals):
    rows = deals.org.rows(
        "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account ORDER BY Name"
    )
    assert rows == [
        {
            "Name": "Acme",
            "Contacts": {
                "totalSize": 2,
                "done": True,
                "records": [{"LastName": "Birch"}, {"LastName": "Ash"}],
            },
        },
        {"Name": "Globex", "Contacts": None},
        {"Name": "Émile & Fils", "Contacts": None},
    ]


def test_limit_and_filter_of_children_count_within_each_parent(deals):
    rows = deals.org.rows(
        "SELECT (SELECT Name FROM Opportunities WHERE Amount != 1 ORDER BY Name LIMIT 1) FROM Account ORDER BY Name LIMIT 2"
    )
    assert [row["Opportunities"]["records"] for row in rows] == [[{"Name": "One"}], [{"Name": "three"}]]


def test_children_of_children(deals):
    row = deals.org.rows(
        "SELECT (SELECT Name, (SELECT Subject FROM Tasks) FROM Opportunities ORDER BY Name) FROM Account WHERE Name = 'Acme'"
    )[0]
    assert [o["Tasks"] for o in row["Opportunities"]["records"]] == [
        {"totalSize": 1, "done": True, "records": [{"Subject": "Mail"}]},
        None,
    ]


def test_deleted_rows_show_only_to_query_all(deals):
    assert "Gone" not in deals.org.values("SELECT Name FROM Opportunity")
    assert "Gone" in deals.org.values("SELECT Name FROM Opportunity", include_deleted=True)
    assert deals.org.ask("SELECT COUNT() FROM Opportunity").total == 4
    assert deals.org.ask("SELECT COUNT() FROM Opportunity", include_deleted=True).total == 5


def test_compounds_are_composed_from_their_parts(deals):
    rows = deals.org.rows("SELECT Name, BillingAddress, ShippingAddress FROM Account WHERE Name = 'Acme'")
    assert rows[0]["ShippingAddress"] is None
    assert rows[0]["BillingAddress"] == {
        "city": "Bonn",
        "country": "DE",
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }
    assert deals.org.values("SELECT Name FROM Contact ORDER BY Name DESC") == ["Cid Cole", "Birch", "Ann Ash"]
    assert deals.org.values("SELECT LastName FROM Contact WHERE Name LIKE 'ann %'") == ["Ash"]


def test_polymorphic_parents_are_names(deals):
    records = deals.org.ask("SELECT What.Name, What.Type, Owner.Name FROM Task ORDER BY Subject").records
    assert [record["What"] for record in records] == [
        {
            "attributes": {"type": "Name", "url": f"/sobjects/Account/{deals.acme}"},
            "Name": "Acme",
            "Type": "Account",
        },
        {
            "attributes": {"type": "Name", "url": f"/sobjects/Opportunity/{deals.one}"},
            "Name": "One",
            "Type": "Opportunity",
        },
        None,
    ]
    assert records[0]["Owner"]["Name"] == "Ada Low"
    assert deals.org.values("SELECT Subject FROM Task WHERE What.Type = 'Account'") == ["Call"]


def test_typeof_chooses_fields_by_type(deals):
    rows = deals.org.ask(
        "SELECT TYPEOF What WHEN Account THEN Industry, Owner.Name WHEN Opportunity THEN StageName END FROM Task "
        "ORDER BY Subject"
    ).records
    assert [row["What"] and row["What"]["attributes"]["type"] for row in rows] == [
        "Account",
        "Opportunity",
        None,
    ]
    assert rows[0]["What"]["Owner"]["Name"] == "Ada Low"
    assert rows[1]["What"]["StageName"] == "Prospecting"


def test_typeof_else_names_the_real_type(deals):
    rows = deals.org.ask(
        "SELECT TYPEOF What WHEN Account THEN Name ELSE Id END FROM Task WHERE Subject = 'Mail'"
    ).records
    assert rows[0]["What"] == {
        "attributes": {"type": "Opportunity", "url": f"/sobjects/Opportunity/{deals.one}"},
        "Id": deals.one,
    }


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("toLabel(Deal_Region__c)", {"Deal_Region__c": "Europe"}),
        ("toLabel(Deal_Region__c) shown, Deal_Region__c", {"shown": "Europe", "Deal_Region__c": "EMEA"}),
        ("FORMAT(Amount)", {"Amount": "$100.00"}),
        ("FORMAT(Probability) p", {"p": "60%"}),
        ("FORMAT(CloseDate)", {"CloseDate": "2/15/2024"}),
        ("FORMAT(Kickoff_At__c)", {"Kickoff_At__c": "2/15/2024, 9:00 AM"}),
        ("FORMAT(Account.Name)", {"Account": {"Name": "Acme"}}),
    ],
)
def test_shown_values(deals, select, expected):
    assert deals.org.rows(f"SELECT {select} FROM Opportunity WHERE Name = 'One'") == [expected]


def test_all_fields_in_describe_order(deals):
    record = deals.org.rows("SELECT FIELDS(ALL) FROM Opportunity LIMIT 200")[0]
    assert list(record) == list(deals.org.schema.objects["Opportunity"].fields)
    custom = deals.org.rows("SELECT Id, FIELDS(CUSTOM) FROM Opportunity LIMIT 1")[0]
    assert all(name == "Id" or name.endswith("__c") for name in custom)
    standard = deals.org.rows("SELECT FIELDS(STANDARD) FROM Opportunity")[0]
    assert not any(name.endswith("__c") for name in standard)


def test_formula_fields_are_computed_where_asked_for(deals):
    assert deals.org.rows("SELECT Weighted__c FROM Opportunity WHERE Name = 'One'") == [{"Weighted__c": 60.0}]
    assert deals.org.values("SELECT Name FROM Opportunity WHERE Weighted__c > 50") == ["One"]
    assert deals.org.values("SELECT Name FROM Opportunity ORDER BY Weighted__c DESC LIMIT 1") == ["One"]


def test_a_gap_inside_a_formula_is_still_a_gap(deals):
    deals.org.schema.change_field("Opportunity", "Weighted__c", formula="$Setup.Rate__c * Amount")
    with pytest.raises(SandboxGapError, match="setup"):
        deals.org.rows("SELECT Weighted__c FROM Opportunity")


def test_order_limit_and_offset(deals):
    ask = deals.org.values
    assert ask("SELECT Name FROM Opportunity ORDER BY Amount") == ["three", "50%_off", "One", "Two"]
    assert ask("SELECT Name FROM Opportunity ORDER BY Amount DESC") == ["Two", "One", "50%_off", "three"]
    assert ask("SELECT Name FROM Opportunity ORDER BY Amount NULLS LAST") == [
        "50%_off",
        "One",
        "Two",
        "three",
    ]
    assert ask("SELECT Name FROM Opportunity ORDER BY Amount DESC NULLS FIRST LIMIT 2") == ["three", "Two"]
    assert ask("SELECT Name FROM Opportunity ORDER BY Account.Name DESC, Name LIMIT 2 OFFSET 1") == [
        "One",
        "Two",
    ]
    assert ask("SELECT Name FROM Opportunity ORDER BY Name LIMIT 0") == []
    assert ask("SELECT Name FROM Opportunity ORDER BY Name OFFSET 3") == ["Two"]


def test_total_is_the_limited_count(deals):
    assert deals.org.ask("SELECT Id FROM Opportunity LIMIT 3").total == 3
    assert deals.org.ask("SELECT COUNT() FROM Opportunity LIMIT 3").total == 3


@pytest.mark.parametrize(
    "tail", ["FOR VIEW", "FOR REFERENCE", "FOR VIEW FOR REFERENCE", "USING SCOPE everything"]
)
def test_clauses_without_effect_on_rows(deals, tail):
    scope, end = (tail, "") if tail.startswith("USING") else ("", tail)
    assert len(deals.org.rows(f"SELECT Id FROM Account {scope} LIMIT 9 {end}")) == 3


def test_scope_mine_is_what_the_user_owns(deals):
    assert deals.org.values("SELECT Name FROM Account USING SCOPE Mine ORDER BY Name") == ["Acme", "Globex"]


def test_a_plan_serves_other_values_and_notices_schema_changes(deals):
    ask = deals.org.values
    assert ask("SELECT Name FROM Opportunity WHERE Name = 'One'") == ["One"]
    assert ask("SELECT Name FROM Opportunity WHERE Name = 'Two'") == ["Two"]
    assert "Strategic__c" in deals.org.rows("SELECT FIELDS(CUSTOM) FROM Opportunity LIMIT 1")[0]
    deals.org.schema.drop_field("Opportunity", "Strategic__c")
    assert "Strategic__c" not in deals.org.rows("SELECT FIELDS(CUSTOM) FROM Opportunity LIMIT 1")[0]


def test_a_big_table_gets_an_index_when_one_is_wanted(org):
    for number in range(2100):
        org.add("Account", Name=f"A{number}", AccountNumber=str(number))
    assert org.values("SELECT Name FROM Account WHERE AccountNumber = '77'") == ["A77"]
    (plan,) = org.connection.execute(
        """EXPLAIN QUERY PLAN SELECT "Id" FROM "Account" WHERE "AccountNumber" = '77'"""
    ).fetchall()
    assert "USING INDEX Account.AccountNumber" in plan[3]


@pytest.mark.parametrize("more", [0, 500, 40_000])
def test_a_list_of_any_length_finds_the_same(deals, more):
    def listed(first, other, size):
        return f"({','.join([first, *[other] * min(more, 80_000 // size)])})"

    names, accents = listed("'ACME'", "'none'", 7), listed("'ACME'", "'\u00e9mile & Fils'", 15)
    ask = deals.org.values
    assert ask(f"SELECT Name FROM Account WHERE Name IN {names}") == ["Acme"]
    assert ask(f"SELECT Name FROM Account WHERE Name NOT IN {names}") == ["Globex", "\u00c9mile & Fils"]
    both = ["Acme", "\u00c9mile & Fils"]
    assert ask(f"SELECT Name FROM Account WHERE Name IN {accents}") == both[: 1 + bool(more)]
    ids = listed(f"'{deals.acme[:15]}'", f"'{deals.globex}'", 21)
    assert ask(f"SELECT Name FROM Account WHERE Id IN {ids}") == ["Acme", *["Globex"] * bool(more)]
    assert ask(f"SELECT Name FROM Opportunity WHERE Amount IN {listed('250.5', '1', 2)}") == ["Two"]
    assert ask(
        f"SELECT Name FROM Opportunity WHERE CloseDate IN {listed('2024-03-01', '1999-01-01', 11)}"
    ) == ["Two"]


def test_the_first_of_those_with_one_value_come_from_an_index_that_has_them_sorted(org):
    for number in range(2100):
        org.add("Account", Name=f"A{number % 13:02}", AccountNumber=str(number), Site=str(number % 3))
    filtered = "SELECT AccountNumber FROM Account WHERE Site = '1' ORDER BY Name DESC LIMIT 4"
    assert org.values(filtered) == ["25", "64", "103", "142"]
    (index,) = org.connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'Account' AND sql IS NOT NULL"
    ).fetchall()
    assert index == ("Account.Site.Name",)
    assert org.values(filtered) == ["25", "64", "103", "142"]


def test_children_keep_the_index_of_their_lookup(org):
    nested = parse("SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Id = '1' ORDER BY Site LIMIT 1")
    plan = compile_query(nested, org.schema, include_deleted=False)
    assert plan.indexes == {("Contact", "AccountId")}


def test_a_deleted_parent_is_not_there_for_a_query(deals):
    deals.org.connection.execute('UPDATE "Account" SET "IsDeleted" = 1 WHERE "Id" = ?', (deals.globex,))
    text = "SELECT Account.Name FROM Opportunity WHERE Name = 'three'"
    assert deals.org.rows(text) == [{"Account": None}]
    assert deals.org.rows(text, include_deleted=True) == [{"Account": {"Name": "Globex"}}]


def test_equal_rows_come_in_order_of_id_whatever_index_serves_them(deals):
    deals.org.connection.execute(
        'CREATE INDEX backwards ON "Opportunity" ("StageName", "Amount" DESC, "Id" DESC)'
    )
    deals.org.connection.execute('UPDATE "Opportunity" SET "StageName" = \'Won\', "Amount" = 1')
    text = "SELECT Name, Amount FROM Opportunity WHERE StageName = 'Won' ORDER BY StageName"
    assert deals.org.values(text) == ["One", "Two", "three", "50%_off"]
