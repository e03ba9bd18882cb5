"""How is Keysteward started and asked from a terminal?"""
