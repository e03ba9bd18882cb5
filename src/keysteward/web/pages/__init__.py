"""What do people see in the console?"""
