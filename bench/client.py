"""A sandbox's client without transport or library: requests straight into its core, ``Sandbox.handle``."""

import orjson

from prm_harness.crm.salesforce.http import Request

DATA = "/services/data/v60.0"


class Client:
    """An integration user's session. Any refusal ends the benchmark."""

    def __init__(self, sandbox):
        self._handle = sandbox.handle
        sandbox.quota.set(maximum=10_000_000)
        self._headers = {
            "host": sandbox.instance_url.removeprefix("https://"),
            "authorization": f"Bearer {sandbox.open_session()}",
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "bench",
        }

    def send(self, method, path, body=b"", *, query="", **headers):
        request = Request(method, DATA + path, query, self._headers | headers, body)
        answer = self._handle(request)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:500]!r}")
        return answer

    def json(self, method, path, value=None, **more):
        body = b"" if value is None else orjson.dumps(value)
        return orjson.loads(self.send(method, path, body, **more).body)

    def create(self, sobject, rows):
        """Create rows by collections of 200; returns their ids."""
        ids = []
        for start in range(0, len(rows), 200):
            records = [{"attributes": {"type": sobject}, **row} for row in rows[start : start + 200]]
            answers = self.json("POST", "/composite/sobjects", {"records": records})
            ids += [answer["id"] for answer in answers]
        return ids
