"""Make rules quieter without making them blind: what an exception would hide, and which exception a rule's findings suggest."""
