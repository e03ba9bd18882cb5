"""How do the doors get onto sockets, in one process or in several?"""
