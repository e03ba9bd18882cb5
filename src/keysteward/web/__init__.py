"""How is it asked? The doors for clients, programs and people."""
