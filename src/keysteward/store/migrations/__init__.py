"""How do the tables get from one version to the next? One numbered file a step, in `versions/`."""
