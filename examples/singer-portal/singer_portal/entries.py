"""The other direction, which the engine does not have: what partners enter is posted to the CRM, one record at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import requests

from prm_harness.adapter import CrmConnection

TIMEOUT: Final = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the CRM said. ``lost``: nothing, so that it may have been done."""

    record_id: str | None = None
    messages: tuple[str, ...] = ()
    lost: bool = False


class Entries:
    """Writes through the CRM's REST API, with an access token of its own. Nothing is queued and nothing repeated."""

    def __init__(self, crm: CrmConnection) -> None:
        self._crm = crm
        self._http = requests.Session()
        self._http.trust_env = not crm.proxy_url
        if crm.proxy_url:
            self._http.proxies = {"https": crm.proxy_url}
            self._http.verify = crm.ca_file
        self._base = ""

    def login(self) -> None:
        """A new access token.

        Raises:
            requests.RequestException: refused, or no answer.
        """
        answer = self._http.post(
            f"{self._crm.login_url}/services/oauth2/token",
            data={
                "grant_type": "refresh_token",
                "refresh_token": self._crm.refresh_token,
                "client_id": self._crm.client_id,
                "client_secret": self._crm.client_secret,
            },
            timeout=TIMEOUT,
        )
        answer.raise_for_status()
        token = answer.json()
        self._http.headers["Authorization"] = f"Bearer {token['access_token']}"
        self._base = f"{token['instance_url']}/services/data/v{self._crm.api_version}/sobjects"

    def create(self, kind: str, values: Mapping[str, Any]) -> Answer:
        """One record."""
        return self._sent("POST", kind, values)

    def update(self, kind: str, record_id: str, values: Mapping[str, Any]) -> Answer:
        """Some fields of one record."""
        return self._sent("PATCH", f"{kind}/{quote(record_id)}", values)

    def _sent(self, method: str, path: str, values: Mapping[str, Any]) -> Answer:
        try:
            answer = self._http.request(method, f"{self._base}/{path}", json=dict(values), timeout=TIMEOUT)
            if answer.status_code == requests.codes.unauthorized:
                self.login()
                answer = self._http.request(
                    method, f"{self._base}/{path}", json=dict(values), timeout=TIMEOUT
                )
        except requests.HTTPError as refused:
            return Answer(messages=(f"the CRM refuses the portal's login: {refused.response.text[:200]}",))
        except requests.RequestException as error:
            return Answer(lost=True, messages=(f"the CRM did not answer ({type(error).__name__})",))
        if answer.ok:
            return Answer(record_id=answer.json()["id"] if answer.content else None)
        return Answer(messages=tuple(_errors(answer)))


def _errors(answer: requests.Response) -> list[str]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, list):
        return [f"HTTP {answer.status_code}: {answer.text[:200]}"]
    return [
        f"{one.get('errorCode')}: {one.get('message')}"
        + (f" ({', '.join(one['fields'])})" if one.get("fields") else "")
        for one in found
    ]
