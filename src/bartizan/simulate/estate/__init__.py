"""A larger company over a week: intrusions that overlap, and everything harmless that looks like one."""
