"""How are things hashed, signed and sealed?"""
