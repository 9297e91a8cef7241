"""An intrusion across hosts and cloud, told from how intruders work (ATT&CK, public reports): one file per stage."""
