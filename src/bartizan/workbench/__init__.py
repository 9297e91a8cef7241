"""The use cases: the one place where rooms meet.

from bartizan import hunt
found = hunt("logs/", rules=["sigma/rules"])
print(found.balance())
print(found.findings())
"""

from bartizan.workbench.explaining import describe_rule, explain_on, reference_of
from bartizan.workbench.hunting import Asked, Hunt, alerts, default_workers, hunt, request_of, watch_request
from bartizan.workbench.loading import STARTER, content_folder, load_rules, packs, standing, text_of_rule
from bartizan.workbench.simulating import DEMO_EVENTS, TRUTH_FILE, Demo, demo

__all__ = [
    "DEMO_EVENTS",
    "STARTER",
    "TRUTH_FILE",
    "Asked",
    "Demo",
    "Hunt",
    "alerts",
    "content_folder",
    "default_workers",
    "demo",
    "describe_rule",
    "explain_on",
    "hunt",
    "load_rules",
    "packs",
    "reference_of",
    "request_of",
    "standing",
    "text_of_rule",
    "watch_request",
]
