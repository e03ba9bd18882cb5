"""How do identity providers ask? SCIM 2.0 (RFC 7644) below /scim/v2."""
