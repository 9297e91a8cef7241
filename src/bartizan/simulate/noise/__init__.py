"""What goes on in the company every day and is no attack, much of which looks like one: one file per behaviour."""
