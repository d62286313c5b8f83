"""One served sandbox with its front for a whole module: starting one costs a second."""

import pytest

from prm_harness.crm.sandbox.serve import RunningSandbox


@pytest.fixture(scope="module")
def running():
    with RunningSandbox(tls=True, seed=11) as served:
        yield served
