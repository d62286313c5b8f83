"""Placeholders of ``rest:`` files."""

from __future__ import annotations

from prm_harness.adapter.rest.templates import filled


def test_an_object_is_poured_into_the_one_around_it_whose_own_members_stand():
    fields = {"Name": "N", "Id": "theirs"}
    made = filled({"Id": "{id}", "...": "{fields}"}, {"id": "7", "fields": fields})
    assert made == {"Id": "7", "Name": "N"}
    assert filled({"a": {"...": "{fields}"}}, {"fields": fields}) == {"a": fields}
