"""What do identity providers say of an organization's people, in SCIM 2.0 (RFC 7643, RFC 7644)?"""
