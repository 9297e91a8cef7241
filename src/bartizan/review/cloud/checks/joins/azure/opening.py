"""Lay out what a network security group lets everybody on the internet through to."""

from __future__ import annotations

from bartizan.collect.inventory.exports.azure.network import openings
from bartizan.review.cloud.checks.joins.openings import opening

__all__ = ["JOIN"]

JOIN = opening("azure", "network_security_group", "What a network security group lets everybody on the internet through to.", openings)
