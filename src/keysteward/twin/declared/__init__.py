"""How does a file declare what is in a twin, and how is a twin written back into such a file?"""
