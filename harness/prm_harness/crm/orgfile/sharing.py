"""Groups, queues, sharing rules and sharing sets of an org file: they name roles and users, so they come after those."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from prm_harness.crm.org.declared import SharingRule
from prm_harness.crm.org.org import Org
from prm_harness.crm.orgfile.model import OrgFile

Doing = Callable[[str], AbstractContextManager[None]]


def add_sharing(org: Org, file: OrgFile, doing: Doing) -> None:
    """Add them; what the org refuses becomes a note."""
    for name, group in file.groups.items():
        with doing(f"groups.{name}"):
            org.create_group(name, group.members)
    for name, queue in file.queues.items():
        with doing(f"queues.{name}"):
            org.create_queue(name, queue.objects, [org.principal(member) for member in queue.members])
    for sobject, entry in file.objects.items():
        for name, rule in entry.sharing_rules.items():
            with doing(f"objects.{sobject}.sharing_rules.{name}"):
                children: dict[str, str] = {child: level.title() for child, level in rule.children.items()}
                made = SharingRule(
                    name,
                    rule.shared_with,
                    rule.level.title(),
                    rule.owned_by,
                    rule.condition,
                    children,
                    rule.active,
                )
                org.add_sharing_rule(sobject, made)
    for name, one in file.sharing_sets.items():
        for path, level in one.fields.items():
            with doing(f"sharing_sets.{name}.fields.{path}"):
                sobject, _, field = path.partition(".")
                org.add_sharing_set(name, sobject, field, level.title(), one.profiles)
