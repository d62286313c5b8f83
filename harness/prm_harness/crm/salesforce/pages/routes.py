"""The addresses of list views and quick actions."""

from __future__ import annotations

from typing import Final

from prm_harness.crm.salesforce.pages import list_views, quick_actions
from prm_harness.crm.salesforce.router import Route

_DATA: Final = "/services/data/{version}"
_X: Final = f"{_DATA}/sobjects/{{sobject}}"
_GET: Final = ("GET",)
_VIEWS: Final = "the two that every object has: all, and one's own"
_ACTIONS: Final = "the global ones of a new org but mails, groups and posts; none that admins made"


def _quick_actions(base: str) -> tuple[Route, ...]:
    own = f"{base}/quickActions"
    one = f"{own}/{{action}}"
    return (
        Route("schema.quick_actions", _GET, own, quick_actions.quick_actions, "partly", _ACTIONS),
        Route("schema.quick_actions", _GET, one, quick_actions.quick_action, "partly", _ACTIONS),
        Route("write.quick_action", ("POST",), one, quick_actions.perform, "partly", _ACTIONS),
        Route("schema.quick_actions", _GET, f"{one}/describe", quick_actions.describe, "partly", _ACTIONS),
        Route("schema.quick_actions", _GET, f"{one}/defaultValues", quick_actions.default_values, "partly", _ACTIONS),
        Route("schema.quick_actions", _GET, f"{one}/defaultValues/{{context}}", quick_actions.default_values, "partly",
              _ACTIONS),
    )  # fmt: skip


PAGE_ROUTES: Final = (
    Route("schema.listviews", _GET, f"{_X}/listviews", list_views.list_views, "partly", _VIEWS),
    Route("schema.listviews", _GET, f"{_X}/listviews/{{view}}", list_views.list_view, "partly", _VIEWS),
    Route(
        "schema.listviews", _GET, f"{_X}/listviews/{{view}}/describe", list_views.describe, "partly", _VIEWS
    ),
    Route("read.listview", _GET, f"{_X}/listviews/{{view}}/results", list_views.results, "partly", _VIEWS),
    *_quick_actions(_X),
    *_quick_actions(_DATA),
)
