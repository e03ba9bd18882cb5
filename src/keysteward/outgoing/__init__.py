"""What do we ask of the world outside this environment?"""
