"""What do unmodified Docusign SDKs ask of us? Accounts, users, profiles, organizations and the like."""
