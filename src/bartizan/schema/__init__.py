"""What a record is: columns, classes, entities, identities, time."""
