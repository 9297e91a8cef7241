"""Name the tactics and techniques of MITRE ATT&CK, and read them from a rule's tags."""

from __future__ import annotations

from bartizan.schema.attack.matrix import ATTACK_VERSION, Attack, Tactic, Technique, attacks_of, tactic, tactics, technique

__all__ = ["ATTACK_VERSION", "Attack", "Tactic", "Technique", "attacks_of", "tactic", "tactics", "technique"]
