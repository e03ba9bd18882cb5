"""What exists only in the twin: its clock, its seed, its certificates and its control under `/_dev`."""
