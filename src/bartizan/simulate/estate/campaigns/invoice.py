"""The intrusion of the single day, on the third of the week: an invoice with macros, then servers, the domain and the cloud."""

from __future__ import annotations

from bartizan.simulate.contract import stages
from bartizan.simulate.estate.campaign import Campaign

__all__ = ["CAMPAIGN"]

CAMPAIGN = Campaign(
    name="invoice",
    title="A mail with an invoice and a hole in the portal lead to the servers, the domain and the cloud account.",
    days={2: [stage.act for stage in stages()]},
)
