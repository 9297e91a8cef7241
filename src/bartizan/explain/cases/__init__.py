"""Tell a case: as a page of text, in plain words, as HTML, and in the formats of other tools. Everything told cites records."""
