"""How is the API called? Verify, key live, member of the path's account, forward, record, answer."""
