"""Collections and composites (contract §8)."""

import pytest


def records(*rows, type_="Contact", **more):
    return {"records": [{"attributes": {"type": type_}, **row} for row in rows], **more}


ROLLED_BACK = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


class TestCollections:
    url = "composite/sobjects"

    def test_good_rows_stay_beside_bad_ones(self, client):
        answer = client("POST", self.url, records({"LastName": "A"}, {"FirstName": "B"}))

        assert answer.status == 200
        good, bad = answer.body
        assert list(good) == ["id", "success", "errors"]
        assert bad == {
            "success": False,
            "errors": [
                {
                    "statusCode": "REQUIRED_FIELD_MISSING",
                    "message": "Required fields are missing: [LastName]",
                    "fields": ["LastName"],
                }
            ],
        }
        assert client("GET", f"sobjects/Contact/{good['id']}").status == 200

    def test_all_or_none_keeps_the_culprits_error_and_rolls_the_rest_back(self, sandbox, client):
        answer = client("POST", self.url, records({"LastName": "A"}, {}, {"LastName": "C"}, allOrNone=True))

        assert [item["success"] for item in answer.body] == [False, False, False]
        assert answer.body[0]["errors"] == answer.body[2]["errors"] == [ROLLED_BACK]
        assert answer.body[1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
        assert sandbox.query("SELECT Id FROM Contact") == []
        assert sandbox.log.changes() == []

    def test_update_needs_an_id(self, client):
        record_id = client("POST", "sobjects/Contact", {"LastName": "A"}).body["id"]
        answer = client("PATCH", self.url, records({"id": record_id, "LastName": "B"}, {"LastName": "C"}))

        assert answer.body[0] == {"id": record_id, "success": True, "errors": []}
        assert answer.body[1]["errors"][0]["message"] == "Id not specified in an update call"
        assert client("GET", f"sobjects/Contact/{record_id}").body["LastName"] == "B"

    def test_the_log_names_the_first_refusal_although_the_answer_is_200(self, sandbox, client):
        client("POST", self.url, records({"LastName": "A"}, {}, {"LastName": "B", "Email": "x"}))
        exchange = sandbox.log.exchanges()[-1]

        assert (exchange.status, exchange.error_code, exchange.rows_in) == (200, "REQUIRED_FIELD_MISSING", 3)

    def test_an_unknown_id_is_a_cross_reference_error(self, client):
        answer = client(
            "PATCH", self.url, records({"id": "001000000000001AAA", "Name": "A"}, type_="Account")
        )

        assert answer.body == [
            {
                "success": False,
                "errors": [
                    {
                        "statusCode": "INVALID_CROSS_REFERENCE_KEY",
                        "message": "invalid cross reference id",
                        "fields": [],
                    }
                ],
            }
        ]

    def test_upsert_says_which_were_created(self, client):
        url = f"{self.url}/Contact/External_Id__c"
        rows = [{"External_Id__c": "1", "LastName": "A"}, {"External_Id__c": "2"}]
        first, second = (client("PATCH", url, records(*rows)).body for _ in range(2))

        assert [item.get("created") for item in first] == [True, False]
        assert list(first[1]) == ["success", "errors", "created"]
        assert [item.get("created") for item in second] == [False, False]
        assert second[0]["success"] is True

    def test_delete_takes_ids_of_any_object(self, sandbox, client):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        (contact,) = sandbox.create("Contact", [{"LastName": "C"}])
        answer = client(
            "DELETE", self.url, params={"ids": f"{account},{contact},{contact}", "allOrNone": "false"}
        )

        assert [item["success"] for item in answer.body] == [True, True, False]
        assert answer.body[2]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"

    def test_retrieve_gives_null_for_an_unknown_id(self, sandbox, client):
        (account,) = sandbox.create("Account", [{"Name": "A"}])
        body = {"ids": [account, "001000000000001AAA"], "fields": ["name"]}
        posted = client("POST", f"{self.url}/Account", body)
        got = client("GET", f"{self.url}/Account", params={"ids": ",".join(body["ids"]), "fields": "Name"})

        assert posted.body == got.body
        assert posted.body[1] is None
        assert list(posted.body[0]) == ["attributes", "Id", "Name"]

    @pytest.mark.parametrize("body", [{}, {"records": []}, {"records": "x"}])
    def test_an_empty_list_is_refused_whole(self, client, body):
        answer = client("POST", self.url, body)

        assert answer.status == 400
        assert answer.body == [
            {"message": "At least 1 record is required", "errorCode": "REQUIRED_FIELD_MISSING"}
        ]

    def test_two_hundred_is_the_most(self, client):
        answer = client("POST", self.url, records(*[{"LastName": "x"}] * 201))

        assert (answer.status, answer.body[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


class TestComposite:
    url = "composite/"
    base = "/services/data/v60.0/sobjects"

    def part(self, name, method, url, body=None):
        return {"referenceId": name, "method": method, "url": url, **({"body": body} if body else {})}

    def test_later_parts_use_earlier_answers(self, client):
        parts = [
            self.part("a", "POST", f"{self.base}/Account", {"Name": "Acme"}),
            self.part("c", "POST", f"{self.base}/Contact", {"LastName": "Doe", "AccountId": "@{a.id}"}),
            self.part("r", "GET", f"{self.base}/Contact/@{{c.id}}?fields=AccountId"),
        ]
        answer = client("POST", self.url, {"compositeRequest": parts})
        created, _, read = answer.body["compositeResponse"]

        assert answer.status == 200
        assert list(created) == ["body", "httpHeaders", "httpStatusCode", "referenceId"]
        assert created["httpHeaders"] == {"Location": f"{self.base}/Account/{created['body']['id']}"}
        assert read["body"]["AccountId"] == created["body"]["id"]

    def test_all_or_none_undoes_what_came_before(self, sandbox, client):
        parts = [
            self.part("a", "POST", f"{self.base}/Account", {"Name": "Acme"}),
            self.part("b", "POST", f"{self.base}/Account", {"Nmae": "Acme"}),
            self.part("c", "POST", f"{self.base}/Account", {"Name": "Acme"}),
        ]
        answer = client("POST", self.url, {"compositeRequest": parts, "allOrNone": True})
        items = answer.body["compositeResponse"]

        assert [item["httpStatusCode"] for item in items] == [400, 400, 400]
        assert items[1]["body"][0]["errorCode"] == "INVALID_FIELD"
        for innocent in (items[0], items[2]):
            assert list(innocent["body"][0].items()) == [
                ("errorCode", "PROCESSING_HALTED"),
                (
                    "message",
                    "The transaction was rolled back since another operation in the same transaction failed.",
                ),
            ]
        assert sandbox.query("SELECT Id FROM Account") == []

    def test_without_it_dependents_of_a_failure_are_halted(self, client):
        parts = [
            self.part("a", "POST", f"{self.base}/Account", {}),
            self.part("b", "PATCH", f"{self.base}/Account/@{{a.id}}", {"Name": "x"}),
            self.part("c", "GET", f"{self.base}/Nope"),
        ]
        items = client("POST", self.url, {"compositeRequest": parts}).body["compositeResponse"]

        assert [item["httpStatusCode"] for item in items] == [400, 400, 404]
        assert items[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
        assert items[1]["body"][0]["message"].startswith(
            "Invalid reference specified. No value for a.id found in a"
        )

    @pytest.mark.parametrize(
        "parts",
        [None, [], "x", [1], [{"referenceId": "-", "method": "GET", "url": "/"}], [{"method": "GET"}] * 26],
    )
    def test_a_bad_envelope_is_refused_whole(self, client, parts):
        assert client("POST", self.url, {"compositeRequest": parts}).status == 400

    def test_a_batch_goes_on_or_halts(self, client):
        parts = [{"method": "GET", "url": u} for u in ("v60.0/limits", "v60.0/sobjects/Nope", "v60.0/limits")]
        on = client("POST", "composite/batch", {"batchRequests": parts}).body
        halted = client("POST", "composite/batch", {"batchRequests": parts, "haltOnError": True}).body

        assert on["hasErrors"] is True
        assert [r["statusCode"] for r in on["results"]] == [200, 404, 200]
        assert [r["statusCode"] for r in halted["results"]] == [200, 404, 412]
        assert halted["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"

    def test_it_costs_one_call_and_logs_all_rows_and_queries(self, sandbox, client):
        used = sandbox.quota.used
        parts = [
            self.part("a", "POST", f"{self.base}/Account", {"Name": "Acme"}),
            self.part("q", "GET", "/services/data/v60.0/query?q=SELECT+Id+FROM+Account"),
        ]
        client("POST", self.url, {"compositeRequest": parts})
        exchange = sandbox.log.exchanges(route="composite")[-1]

        assert sandbox.quota.used == used + 1
        assert (exchange.rows_in, exchange.rows_out, exchange.soql) == (1, 1, "SELECT Id FROM Account")
        assert exchange.route == "write.composite"

    def test_a_gap_inside_is_a_gap(self, sandbox, client):
        parts = [
            self.part("a", "POST", f"{self.base}/Account", {}),
            self.part("s", "GET", "/services/data/v60.0/analytics/reports"),
        ]
        items = client("POST", self.url, {"compositeRequest": parts}).body["compositeResponse"]

        assert [item["httpStatusCode"] for item in items] == [400, 501]
        assert [gap.route for gap in sandbox.log.gaps()] == ["write.composite"]

    def test_one_of_reads_only_is_a_read(self, sandbox, client):
        parts = [self.part("q", "GET", "/services/data/v60.0/query?q=SELECT+Id+FROM+Account")]
        client("POST", self.url, {"compositeRequest": parts})

        assert sandbox.log.exchanges()[-1].route == "read.composite"
