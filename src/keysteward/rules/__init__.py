"""What is true: pure functions and frozen values, without I/O, clock or dice."""
