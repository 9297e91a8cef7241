"""Lay out what a firewall rule lets everybody on the internet through to."""

from __future__ import annotations

from bartizan.collect.inventory.exports.gcp.network import openings
from bartizan.review.cloud.checks.joins.openings import opening

__all__ = ["JOIN"]

JOIN = opening("gcp", "compute_firewall", "What a firewall rule lets everybody on the internet through to.", openings)
