"""What does it mean, how does it come about, and how is it mended: one article for everything that goes wrong."""
