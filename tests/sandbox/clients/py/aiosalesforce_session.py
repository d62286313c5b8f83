"""One session of aiosalesforce; prints what it saw. The sandbox's own welcome comes by standard input."""

import asyncio
import json
import sys

from aiosalesforce import ClientCredentialsFlow, Salesforce, SoapLogin
from aiosalesforce.exceptions import SalesforceError
from httpx import AsyncClient

OWN = json.load(sys.stdin)
BASE = "https://acme.my.salesforce.com"


async def main():
    seen = {}
    async with AsyncClient() as client:
        org = Salesforce(
            client, base_url=BASE, auth=SoapLogin(OWN["username"], OWN["password"], OWN["security_token"])
        )
        rows = org.sobject
        seen["upserted"] = [
            (await rows.upsert("Account", "AIO-1", "External_Id__c", {"Name": name})).created
            for name in ("One", "Two")
        ]
        try:
            await rows.create("Account", {"Nope": 1})
        except SalesforceError as error:
            seen["refused"] = str(error)
        try:
            await rows.get("Account", "001000000000000AAA")
        except SalesforceError as error:
            seen["missing"] = type(error).__name__
        loaded = await org.bulk_v2.insert("Contact", [{"LastName": f"C{n}"} for n in range(2300)])
        seen["loaded"], seen["failed"] = len(loaded.successful_results), len(loaded.failed_results)
        seen["read"] = len([row async for row in org.query("SELECT Id FROM Contact")])
        async with org.composite(all_or_none=True) as batch:
            parent = batch.sobject.create("Account", {"Name": "Parent"})
            values = {"LastName": "Composite", "AccountId": f"{parent.reference.id}"}
            batch.sobject.create("Contact", values)
        app = Salesforce(
            client, base_url=BASE, auth=ClientCredentialsFlow(OWN["client_id"], OWN["client_secret"])
        )
        seen["as_the_app"] = await app.sobject.create("Account", {"Name": "App"})
    json.dump(seen, sys.stdout)


asyncio.run(main())
