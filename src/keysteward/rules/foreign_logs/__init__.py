"""What do logs that others wrote say of calls? Each format has a reader here; all of them hand out sightings."""
