"""What happens: one function is one deed, one transaction and one event."""
