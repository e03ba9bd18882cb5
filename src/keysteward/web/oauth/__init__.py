"""How do clients ask for codes, tokens and facts about a user?"""
